//! Room set aside on the disk: for the outcomes of what was begun, and for the records of what frees disk.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

/// Bytes: some thousand records with their place in the write-ahead log.
const SIZE: usize = 1024 * 1024;

/// With less than so much room, what can be missed is not written any more.
const FLOOR: u64 = 8 * SIZE as u64;

/// A file that can be given up.
#[derive(Debug)]
pub struct Reserve(PathBuf);

impl Reserve {
    pub fn new(data_dir: &Path) -> Self {
        Self(data_dir.join("reserve"))
    }

    /// Gives the room back to the disk. Whether there was any.
    pub fn give(&self) -> bool {
        fs::metadata(&self.0).is_ok_and(|m| m.len() == SIZE as u64) && fs::remove_file(&self.0).is_ok()
    }

    /// Whether the disk has little room left. One that can't say how much is taken to have some.
    pub fn is_nearly_full(&self) -> bool {
        let dir = self.0.parent().unwrap_or(&self.0);
        rustix::fs::statvfs(dir).is_ok_and(|disk| disk.f_bavail.saturating_mul(disk.f_frsize) < FLOOR)
    }

    /// Sets the room aside, unless it is already, or the disk has none.
    pub fn keep(&self) {
        if fs::metadata(&self.0).is_ok_and(|m| m.len() == SIZE as u64) {
            return;
        }
        let kept = fs::File::create(&self.0).and_then(|mut file| file.write_all(&vec![0xec; SIZE]).and_then(|()| file.sync_all()));
        if let Err(error) = kept {
            tracing::warn!(%error, "no room can be set aside on the disk");
            let _ = fs::remove_file(&self.0);
        }
    }
}
