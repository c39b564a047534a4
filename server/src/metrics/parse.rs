//! The kernel's small texts.

/// The number that a text is, with white space around it. `max` and all else are none.
pub fn number(text: &[u8]) -> Option<u64> {
    str::from_utf8(text).ok()?.trim().parse().ok()
}

/// The value of a line `key value`.
pub fn value(text: &[u8], key: &str) -> Option<u64> {
    let line = lines(text).find_map(|line| line.strip_prefix(key.as_bytes())?.strip_prefix(b" "))?;
    number(line)
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|b| *b == b'\n')
}

/// A limit: none where it is so large that it limits nothing, as v1 writes it.
pub fn limit(text: &[u8]) -> Option<u64> {
    number(text).filter(|n| *n < 1 << 60)
}

/// v2's `cpu.max`, `50000 100000`, in thousandths of a core.
pub fn cpu_max(text: &[u8]) -> Option<u64> {
    let mut parts = str::from_utf8(text).ok()?.split_whitespace();
    quota(parts.next()?.parse().ok()?, parts.next()?.parse().ok()?)
}

/// So many microseconds in each period, in thousandths of a core; v1 writes -1 for no limit.
pub fn quota(micros: i64, period: i64) -> Option<u64> {
    (micros > 0 && period > 0).then(|| (micros.unsigned_abs() * 1_000) / period.unsigned_abs())
}

/// v1's `blkio.throttle.io_service_bytes`: bytes read and written, of all devices.
pub fn blkio(text: &[u8]) -> (u64, u64) {
    let (mut read, mut written) = (0, 0);
    for line in lines(text) {
        let mut fields = line.split(|b| *b == b' ').skip(1);
        let (Some(what), Some(bytes)) = (fields.next(), fields.next().and_then(number)) else { continue };
        match what {
            b"Read" => read += bytes,
            b"Write" => written += bytes,
            _ => {}
        }
    }
    (read, written)
}

/// v2's `io.stat`: bytes read and written, of all devices.
pub fn io_stat(text: &[u8]) -> (u64, u64) {
    let (mut read, mut written) = (0, 0);
    for field in text.split(u8::is_ascii_whitespace) {
        if let Some(bytes) = field.strip_prefix(b"rbytes=").and_then(number) {
            read += bytes;
        } else if let Some(bytes) = field.strip_prefix(b"wbytes=").and_then(number) {
            written += bytes;
        }
    }
    (read, written)
}

/// `/proc/<pid>/net/dev`: bytes received and sent, of all interfaces but the loopback.
pub fn net_dev(text: &[u8]) -> (u64, u64) {
    let (mut received, mut sent) = (0, 0);
    for line in lines(text).skip(2) {
        let Some(colon) = line.iter().position(|b| *b == b':') else { continue };
        let (name, counters) = (line[..colon].trim_ascii(), &line[colon + 1..]);
        if name == b"lo" {
            continue;
        }
        let mut counters = counters.split(u8::is_ascii_whitespace).filter(|field| !field.is_empty()).map(number);
        received += counters.next().flatten().unwrap_or_default();
        sent += counters.nth(7).flatten().unwrap_or_default();
    }
    (received, sent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_stand_where_the_kernel_writes_them() {
        assert_eq!(number(b"610304\n"), Some(610_304));
        assert_eq!((number(b"max\n"), limit(b"9223372036854771712\n"), limit(b"67108864\n")), (None, None, Some(67_108_864)));
        let stat = b"cache 4096\ninactive_file 1\ntotal_inactive_file 8192\n";
        assert_eq!(
            (value(stat, "total_inactive_file"), value(stat, "inactive_file"), value(stat, "inactive")),
            (Some(8_192), Some(1), None)
        );
        assert_eq!((cpu_max(b"50000 100000\n"), cpu_max(b"max 100000\n"), quota(-1, 100_000)), (Some(500), None, None));
        assert_eq!(blkio(b"8:0 Read 4096\n8:0 Write 100\n8:0 Sync 1\n8:16 Read 1\nTotal 4197\n"), (4_097, 100));
        assert_eq!(io_stat(b"8:0 rbytes=4096 wbytes=100 rios=1 wios=2 dbytes=0 dios=0\n259:0 rbytes=1 wbytes=0\n"), (4_097, 100));
        assert_eq!((blkio(b"Total 0\n"), io_stat(b"")), ((0, 0), (0, 0)));
    }

    #[test]
    fn the_loopback_is_no_network() {
        let dev = b"Inter-|   Receive                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes ...\n    \
            lo: 1815307   10715    0    0    0     0          0         0  1815307   10715    0    0    0     0       0          0\n  \
            eth0:     646       7    0    0    0     0          0         0     1000       3    0    0    0     0       0          0\n  \
            eth1:4 1 0 0 0 0 0 0 5 1 0 0 0 0 0 0\n";
        assert_eq!(net_dev(dev), (650, 1_005));
    }
}
