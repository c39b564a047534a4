//! Files of a container: `/containers/{id}/files`. Reading them, too, wants `container.exec`.

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Timestamp;
use crate::client::{Call, Client, QueryString};

/// The longest text that is shown and edited, in bytes.
pub const MAX_TEXT: u64 = 1024 * 1024;

/// What lies at a path: a folder's entries, or with `content=true` a file's text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Files {
    /// As it was asked for, in its one writing.
    pub path: String,
    /// Of a folder, by name.
    #[serde(default)]
    pub items: Vec<FileEntry>,
    /// Of a folder: whether these are all.
    #[serde(default)]
    pub complete: bool,
    /// Of a file.
    #[serde(default)]
    pub file: Option<FileText>,
}

/// An entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct FileEntry {
    pub name: String,
    /// `file`, `folder`, `link`, `special`.
    pub kind: String,
    /// Bytes, of a file.
    pub size: u64,
    /// Permission bits.
    pub mode: u32,
    /// By name where the container has one, else by number.
    pub owner: String,
    pub group: String,
    pub modified_at: Timestamp,
    /// Where a link leads.
    #[serde(default)]
    pub link: Option<String>,
}

impl FileEntry {
    /// `drwxr-xr-x`
    pub fn mode_text(&self) -> String {
        let kind = match self.kind.as_str() {
            "folder" => 'd',
            "link" => 'l',
            "special" => 's',
            _ => '-',
        };
        let bit = |n: u32, letter: char| if self.mode & (1 << n) == 0 { '-' } else { letter };
        let raised = |n: u32, set: u32, small: char| match (self.mode & (1 << n) != 0, self.mode & (1 << set) != 0) {
            (true, true) => small,
            (false, true) => small.to_ascii_uppercase(),
            (true, false) => 'x',
            (false, false) => '-',
        };
        let rights = [
            bit(8, 'r'),
            bit(7, 'w'),
            raised(6, 11, 's'),
            bit(5, 'r'),
            bit(4, 'w'),
            raised(3, 10, 's'),
            bit(2, 'r'),
            bit(1, 'w'),
            raised(0, 9, 't'),
        ];
        std::iter::once(kind).chain(rights).collect()
    }
}

/// A small file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct FileText {
    pub size: u64,
    pub mode: u32,
    pub modified_at: Timestamp,
    /// Names this content: hand it back as `If-Match` to write only over what was read.
    pub etag: String,
    /// Absent where it is no UTF-8.
    #[serde(default)]
    pub text: Option<String>,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct FilesWritten {
    /// The file, or the folder that was unpacked into.
    pub path: String,
    pub entries: u64,
    pub bytes: u64,
    /// Of a file's new content, where it is a small one.
    #[serde(default)]
    pub etag: Option<String>,
}

impl Client {
    /// A folder's entries.
    pub fn container_files(&self, id: &str, path: &str) -> Call<Files> {
        self.get(QueryString::default().text("path", Some(path)).of(&format!("/containers/{id}/files")))
    }

    /// A small file's text.
    pub fn container_file(&self, id: &str, path: &str) -> Call<Files> {
        self.get(QueryString::default().text("path", Some(path)).text("content", Some("true")).of(&format!("/containers/{id}/files")))
    }
}

/// Where a file or a folder is downloaded from; with the API's base.
pub fn download_address(id: &str, path: &str) -> String {
    QueryString::default().text("path", Some(path)).of(&format!("{}/containers/{id}/files/download", crate::client::BASE))
}

/// Where a file's content, or with `application/x-tar` an archive for a folder, is put; with the API's base.
pub fn upload_address(id: &str, path: &str) -> String {
    QueryString::default().text("path", Some(path)).of(&format!("{}/containers/{id}/files", crate::client::BASE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_reads_as_ls_writes_it() {
        let entry = |kind: &str, mode| FileEntry {
            name: "n".into(),
            kind: kind.into(),
            size: 0,
            mode,
            owner: String::new(),
            group: String::new(),
            modified_at: String::new(),
            link: None,
        };
        assert_eq!(entry("folder", 0o1777).mode_text(), "drwxrwxrwt");
        assert_eq!(entry("file", 0o4755).mode_text(), "-rwsr-xr-x");
        assert_eq!(entry("file", 0o2644).mode_text(), "-rw-r-Sr--");
        assert_eq!(entry("link", 0o777).mode_text(), "lrwxrwxrwx");
    }
}
