//! A log as a file: written as it is read, bounded by size, and never opened by a browser as a page.

use std::io::Write as _;

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use futures_util::{Stream, stream};

use super::query::Format;
use crate::fleet::{
    EngineError,
    engine::{Line, LogReader, line_dto},
};

/// What kind of file, and how large at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct File {
    pub format: Format,
    pub max_bytes: u64,
}

/// The file, piece by piece.
pub fn pieces(log: LogReader, file: File) -> impl Stream<Item = Result<Bytes, EngineError>> + Send {
    stream::unfold(Some((log, file.max_bytes)), move |state| async move {
        let (mut log, mut left) = state?;
        loop {
            let (mut out, mut full) = (Vec::new(), false);
            let mut take = |line: Line| {
                let before = out.len();
                if !full {
                    write(&mut out, file.format, line);
                }
                if out.len() as u64 > left {
                    out.truncate(before);
                    full = true;
                }
            };
            let more = log.more(&mut take).await;
            if matches!(more, Ok(true)) {
                log.at_hand(&mut take);
            }
            left -= out.len() as u64;
            if full {
                out.extend_from_slice(last_line(file).as_bytes());
            }
            return match more {
                Err(error) => Some((Err(error), None)),
                Ok(true) if out.is_empty() => continue,
                Ok(more) => Some((Ok(Bytes::from(out)), (more && !full).then_some((log, left)))),
            };
        }
    })
}

fn write(out: &mut Vec<u8>, format: Format, line: Line) {
    match format {
        Format::Jsonl => {
            // Writing to memory can't fail, and a line is plain data.
            let _ = serde_json::to_writer(&mut *out, &line_dto(line));
            out.push(b'\n');
        }
        Format::Text => {
            let at = crate::clock::nanos::write(line.at);
            let _ = write!(out, "{at} ");
            out.extend_from_slice(line.text);
            out.push(b'\n');
        }
    }
}

fn last_line(file: File) -> String {
    match file.format {
        Format::Text => format!("--- cut after {} bytes ---\n", file.max_bytes),
        Format::Jsonl => "{\"truncated\":true}\n".to_owned(),
    }
}

pub fn answer(container: &str, file: File, body: Body) -> Response {
    let (kind, ending) = match file.format {
        Format::Text => ("text/plain; charset=utf-8", "log"),
        Format::Jsonl => ("application/x-ndjson", "jsonl"),
    };
    let name: String = container.chars().filter(|c| c.is_ascii_alphanumeric() || "._-".contains(*c)).collect();
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}.{ending}\"")).expect("letters, digits and dots");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox")),
    ];
    (headers, body).into_response()
}
