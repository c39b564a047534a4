//! `docker run …`, as people paste it, read as a request.

use aide::transform::TransformOperation;
use app::api::spec::{CreateContainer, HealthCheck, LogDriver, ParseRun, ParsedRun, PublishPort, WantMount};
use axum::Json;

use crate::{
    api::{auth::Auth, extract::Body},
    auth::permission::container::Create,
    http::problem::Problem,
};

/// The longest text.
const LONG: usize = 64 << 10;

pub fn docs(o: TransformOperation) -> TransformOperation {
    o.id("containers.parse")
        .summary("Read a `docker run` as a request")
        .description("Nothing is made. What says nothing here, or is not known, is named in left_out.")
}

pub async fn parse(auth: Auth<Create>, Body(request): Body<ParseRun>) -> Result<Json<ParsedRun>, Problem> {
    auth.anywhere("container").await?;
    read(&request.text).map(Json).map_err(|why| Problem::bad_field("text", "invalid", why))
}

fn read(text: &str) -> Result<ParsedRun, String> {
    if text.len() > LONG {
        return Err("64 KiB at most.".into());
    }
    let words = words(text)?;
    let mut words = words.into_iter().peekable();
    for word in ["sudo", "docker", "podman", "container", "run", "create"] {
        words.next_if(|w| w == word);
    }
    let mut out = ParsedRun { container: CreateContainer { start: true, ..CreateContainer::default() }, left_out: Vec::new() };
    while let Some(word) = words.next_if(|w| w.starts_with('-') && w != "-") {
        if word == "--" {
            break;
        }
        let (flag, mut value) = match word.split_once('=') {
            Some((flag, value)) if flag.starts_with("--") => (flag.to_owned(), Some(value.to_owned())),
            _ => (word.clone(), None),
        };
        if !flag.starts_with("--") {
            short(&flag, &mut words, &mut out)?;
            continue;
        }
        let name = flag.trim_start_matches('-').to_owned();
        if is_switch(&name) {
            if value.as_deref() != Some("false") {
                switch(&name, &mut out);
            }
            continue;
        }
        if value.is_none() {
            value = words.next();
        }
        let value = value.ok_or_else(|| format!("{flag} lacks its value."))?;
        option(&name, &value, &mut out)?;
    }
    out.container.image = words.next().ok_or("It names no image.")?;
    out.container.command = words.collect();
    Ok(out)
}

/// `-d`, `-it`, `-p 80:80`, `-p80:80`.
fn short(flag: &str, words: &mut impl Iterator<Item = String>, out: &mut ParsedRun) -> Result<(), String> {
    let letters: Vec<char> = flag.trim_start_matches('-').chars().collect();
    for (i, letter) in letters.iter().enumerate() {
        let name = match letter {
            'd' => "detach",
            'i' => "interactive",
            't' => "tty",
            'P' => "publish-all",
            'p' => "publish",
            'v' => "volume",
            'e' => "env",
            'u' => "user",
            'w' => "workdir",
            'h' => "hostname",
            'm' => "memory",
            'l' => "label",
            'c' => "cpu-shares",
            'a' => "attach",
            other => return Err(format!("-{other} is no option of docker run.")),
        };
        if is_switch(name) {
            switch(name, out);
            continue;
        }
        let rest: String = letters[i + 1..].iter().collect();
        let rest = rest.strip_prefix('=').unwrap_or(&rest).to_owned();
        let value = if rest.is_empty() { words.next() } else { Some(rest) };
        return option(name, &value.ok_or_else(|| format!("-{letter} lacks its value."))?, out);
    }
    Ok(())
}

fn is_switch(name: &str) -> bool {
    matches!(
        name,
        "detach"
            | "interactive"
            | "tty"
            | "rm"
            | "init"
            | "privileged"
            | "read-only"
            | "publish-all"
            | "no-healthcheck"
            | "oom-kill-disable"
            | "sig-proxy"
            | "quiet"
            | "disable-content-trust"
    )
}

fn switch(name: &str, out: &mut ParsedRun) {
    let c = &mut out.container;
    match name {
        "interactive" => c.open_stdin = true,
        "tty" => c.tty = true,
        "rm" => c.auto_remove = true,
        "init" => c.init = true,
        "privileged" => c.privileged = true,
        "read-only" => c.read_only_root = true,
        "no-healthcheck" => health(c).command = vec!["none".into()],
        // It runs in the background anyway.
        "detach" | "sig-proxy" | "quiet" => {}
        other => out.left_out.push(format!("--{other}")),
    }
}

fn option(name: &str, value: &str, out: &mut ParsedRun) -> Result<(), String> {
    let text = || Some(value.to_owned());
    let c = &mut out.container;
    match name {
        "name" => c.name = text(),
        "user" => c.user = text(),
        "workdir" => c.working_dir = text(),
        "hostname" => c.hostname = text(),
        "entrypoint" => c.entrypoint = vec![value.to_owned()],
        "publish" => c.ports.extend(ports(value)?),
        "volume" => c.mounts.push(volume(value)?),
        "mount" => c.mounts.push(mount(value)?),
        "tmpfs" => {
            let target = value.split(':').next().unwrap_or_default().to_owned();
            c.mounts.push(WantMount { kind: "tmpfs".into(), target, ..WantMount::default() });
        }
        "env" => match value.split_once('=') {
            Some((name, value)) => drop(c.env.insert(name.to_owned(), value.to_owned())),
            // Its value is that of the shell it was typed in.
            None => drop(c.env.insert(value.to_owned(), String::new())),
        },
        "label" => {
            let (name, value) = value.split_once('=').unwrap_or((value, ""));
            c.labels.insert(name.to_owned(), value.to_owned());
        }
        "network" | "net" => {
            let name = value.split(',').next().unwrap_or_default();
            c.networks.push(name.strip_prefix("name=").unwrap_or(name).to_owned());
        }
        "memory" => c.limits.memory_bytes = Some(bytes(value).ok_or_else(|| format!("{value} is no size such as 512m."))?),
        "cpus" => c.limits.cpus = Some(number(value)?),
        "pids-limit" => c.limits.pids = Some(number(value)?),
        "restart" => {
            let (policy, retries) = value.split_once(':').unwrap_or((value, "0"));
            policy.clone_into(&mut c.restart_policy.name);
            c.restart_policy.max_retries = number(retries)?;
        }
        "cap-add" => c.capabilities_added.push(value.to_owned()),
        "cap-drop" => c.capabilities_dropped.push(value.to_owned()),
        "device" => c.devices.push(value.to_owned()),
        "add-host" => c.extra_hosts.push(value.to_owned()),
        "security-opt" => c.security_options.push(value.to_owned()),
        "pid" => c.pid_mode = text(),
        "ipc" => c.ipc_mode = text(),
        "sysctl" => {
            let (name, value) = value.split_once('=').ok_or("--sysctl wants a name and a value.")?;
            c.sysctls.insert(name.to_owned(), value.to_owned());
        }
        "log-driver" => value.clone_into(&mut c.log.get_or_insert_default().driver),
        "log-opt" => {
            let (name, value) = value.split_once('=').ok_or("--log-opt wants a name and a value.")?;
            let log = c.log.get_or_insert_with(|| LogDriver { driver: "json-file".into(), ..LogDriver::default() });
            log.options.insert(name.to_owned(), value.to_owned());
        }
        "health-cmd" => health(c).command = vec![value.to_owned()],
        "health-interval" => health(c).interval_seconds = seconds(value)?,
        "health-timeout" => health(c).timeout_seconds = seconds(value)?,
        "health-start-period" => health(c).start_period_seconds = seconds(value)?,
        "health-retries" => health(c).retries = number(value)?,
        other => out.left_out.push(format!("--{other}")),
    }
    Ok(())
}

fn health(c: &mut CreateContainer) -> &mut HealthCheck {
    c.health_check.get_or_insert_with(|| HealthCheck {
        command: Vec::new(),
        interval_seconds: 30,
        timeout_seconds: 30,
        start_period_seconds: 0,
        retries: 3,
    })
}

/// `[ip:][host:]container[/protocol]`, each port perhaps a range.
fn ports(text: &str) -> Result<Vec<PublishPort>, String> {
    let bad = || format!("{text} is no port such as 8080:80.");
    let (rest, protocol) = text.rsplit_once('/').unwrap_or((text, "tcp"));
    let (ip, rest) = match rest.strip_prefix('[').and_then(|r| r.split_once("]:")) {
        Some((ip, rest)) => (Some(ip.to_owned()), rest),
        None if rest.matches(':').count() == 2 => {
            let (ip, rest) = rest.split_once(':').ok_or_else(bad)?;
            (Some(ip.to_owned()), rest)
        }
        None => (None, rest),
    };
    let (host, inside) = rest.split_once(':').map_or((None, rest), |(host, inside)| (Some(host).filter(|h| !h.is_empty()), inside));
    let range = |text: &str| -> Result<std::ops::RangeInclusive<u16>, String> {
        let (from, to) = text.split_once('-').unwrap_or((text, text));
        Ok(from.parse().map_err(|_| bad())?..=to.parse().map_err(|_| bad())?)
    };
    let inside = range(inside)?;
    let host = host.map(range).transpose()?;
    if inside.is_empty() || inside.len() > 200 || host.as_ref().is_some_and(|h| h.len() != inside.len()) {
        return Err(bad());
    }
    let mut host = host.into_iter().flatten();
    let port = |container_port| PublishPort { container_port, host_port: host.next(), host_ip: ip.clone(), protocol: protocol.to_owned() };
    Ok(inside.map(port).collect())
}

/// `source:target[:options]`, `target`.
fn volume(text: &str) -> Result<WantMount, String> {
    let parts: Vec<&str> = text.split(':').collect();
    let (source, target, options) = match parts.as_slice() {
        [target] => (None, *target, ""),
        [source, target] => (Some(*source), *target, ""),
        [source, target, options] => (Some(*source), *target, *options),
        _ => return Err(format!("{text} is no volume such as data:/data.")),
    };
    let kind = if source.is_some_and(|s| s.starts_with(['/', '.', '~', '$'])) { "bind" } else { "volume" };
    let read_only = options.split(',').any(|o| o == "ro");
    Ok(WantMount { kind: kind.into(), source: source.map(Into::into), target: target.into(), read_only })
}

/// `type=bind,source=/a,target=/b,readonly`
fn mount(text: &str) -> Result<WantMount, String> {
    let mut mount = WantMount { kind: "volume".into(), ..WantMount::default() };
    for part in text.split(',') {
        let (key, value) = part.split_once('=').unwrap_or((part, "true"));
        match key {
            "type" => value.clone_into(&mut mount.kind),
            "source" | "src" => mount.source = Some(value.to_owned()),
            "target" | "destination" | "dst" => value.clone_into(&mut mount.target),
            "readonly" | "ro" => mount.read_only = value != "false",
            other => return Err(format!("{other} of --mount is not known here.")),
        }
    }
    if mount.target.is_empty() { Err("--mount lacks its target.".into()) } else { Ok(mount) }
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("{text} is no number that fits here."))
}

/// `512m`, `1g`, `1.5GiB`.
fn bytes(text: &str) -> Option<u64> {
    let lower = text.trim().to_ascii_lowercase();
    let digits = lower.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = match lower[digits.len()..].trim_end_matches("ib").trim_end_matches('b') {
        "" => 0,
        "k" => 10,
        "m" => 20,
        "g" => 30,
        "t" => 40,
        _ => return None,
    };
    let number: f64 = digits.parse().ok()?;
    (0.0..1e15).contains(&number).then(|| (number * f64::from(1_u32 << (factor / 2)) * f64::from(1_u32 << (factor - factor / 2))) as u64)
}

/// `30s`, `1m30s`, `500ms` as a whole second.
fn seconds(text: &str) -> Result<u32, String> {
    let bad = || format!("{text} is no duration such as 30s.");
    let (mut total, mut digits) = (0.0, String::new());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_ascii_digit() || c == '.' {
            digits.push(c);
            continue;
        }
        let unit = if c == 'm' && chars.next_if_eq(&'s').is_some() {
            0.001
        } else {
            match c {
                's' => 1.0,
                'm' => 60.0,
                'h' => 3_600.0,
                _ => return Err(bad()),
            }
        };
        total += digits.parse::<f64>().map_err(|_| bad())? * unit;
        digits.clear();
    }
    if digits.is_empty() && total > 0.0 { Ok((total.ceil() as u32).max(1)) } else { Err(bad()) }
}

/// As a shell takes a line apart: quotes, backslashes, lines that go on.
fn words(text: &str) -> Result<Vec<String>, String> {
    let (mut words, mut word, mut open) = (Vec::new(), None::<String>, None::<char>);
    let mut chars = text.trim().trim_start_matches(['$', '#']).chars().peekable();
    while let Some(c) = chars.next() {
        match (open, c) {
            (Some(quote), c) if c == quote => open = None,
            (Some('"') | None, '\\') => match chars.next() {
                // A line that goes on.
                Some('\r') if chars.peek() == Some(&'\n') => drop(chars.next()),
                Some(next) if open.is_none() && next != '\n' || "\"\\$`".contains(next) => word.get_or_insert_default().push(next),
                Some(next) if open.is_some() => word.get_or_insert_default().extend(['\\', next]),
                Some(_) | None => {}
            },
            (None, '\'' | '"') => {
                open = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    if open.is_some() {
        return Err("A quotation mark is not closed.".into());
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_as_people_write_it() {
        let text = "$ sudo docker run -d --name web \\\n  -p 8080:80 -p 127.0.0.1:53:53/udp -it \\\n -v data:/data -v /srv/x:/x:ro --mount type=tmpfs,dst=/run \
                    -e 'GREETING=hello world' -eA=1 --env B=\"x y\" -m 512m --cpus=1.5 --restart on-failure:3 --network shop --health-cmd 'curl -f localhost || exit 1' \
                    --health-interval 1m30s --gpus all --label a=b --log-opt max-size=10m nginx:1.27 nginx -g 'daemon off;'";
        let ParsedRun { container: c, left_out } = read(text).expect("a command");
        assert_eq!((c.image.as_str(), c.name.as_deref()), ("nginx:1.27", Some("web")));
        assert_eq!(c.command, ["nginx", "-g", "daemon off;"]);
        let port = |container_port, host_port, ip: Option<&str>, protocol: &str| PublishPort {
            container_port,
            host_port: Some(host_port),
            host_ip: ip.map(Into::into),
            protocol: protocol.into(),
        };
        assert_eq!(c.ports, [port(80, 8080, None, "tcp"), port(53, 53, Some("127.0.0.1"), "udp")]);
        let kinds: Vec<(&str, Option<&str>, bool)> = c.mounts.iter().map(|m| (m.kind.as_str(), m.source.as_deref(), m.read_only)).collect();
        assert_eq!(kinds, [("volume", Some("data"), false), ("bind", Some("/srv/x"), true), ("tmpfs", None, false)]);
        assert_eq!((c.env["GREETING"].as_str(), c.env["A"].as_str(), c.env["B"].as_str()), ("hello world", "1", "x y"));
        assert_eq!((c.limits.memory_bytes, c.limits.cpus, c.tty, c.open_stdin), (Some(512 << 20), Some(1.5), true, true));
        assert_eq!((c.restart_policy.name.as_str(), c.restart_policy.max_retries), ("on-failure", 3));
        let check = c.health_check.expect("a check");
        assert_eq!((check.command[0].as_str(), check.interval_seconds), ("curl -f localhost || exit 1", 90));
        assert_eq!((c.networks[0].as_str(), c.labels["a"].as_str(), c.start), ("shop", "b", true));
        assert_eq!(c.log.expect("options").options["max-size"], "10m");
        assert_eq!(left_out, ["--gpus"]);
    }

    #[test]
    fn ranges_sizes_and_durations() {
        let ranged = ports("8000-8002:80-82").expect("a range");
        assert_eq!(
            ranged.iter().map(|p| (p.host_port, p.container_port)).collect::<Vec<_>>(),
            [(Some(8000), 80), (Some(8001), 81), (Some(8002), 82)]
        );
        assert_eq!(ports("[::1]:80:80").expect("IPv6")[0].host_ip.as_deref(), Some("::1"));
        assert_eq!(["1g", "1.5GiB", "100", "7kb"].map(bytes), [Some(1 << 30), Some(3 << 29), Some(100), Some(7 << 10)]);
        assert_eq!((seconds("500ms"), seconds("1h2m3s")), (Ok(1), Ok(3_723)));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, why) in [
            ("", "names no image"),
            ("docker run -d", "names no image"),
            ("docker run -p", "lacks its value"),
            ("docker run -p x:y nginx", "no port"),
            ("docker run -p 1-5:80 nginx", "no port"),
            ("docker run -m lots nginx", "no size"),
            ("docker run -e 'A=1 nginx", "quotation mark"),
            ("docker run -Z nginx", "no option"),
            ("docker run -v a:b:c:d nginx", "no volume"),
        ] {
            let said = read(text).expect_err(text);
            assert!(said.contains(why), "{text}: {said}");
        }
    }
}
