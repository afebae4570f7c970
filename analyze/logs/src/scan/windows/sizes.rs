//! Which trials are read in windows.

use std::fs;

use crate::scan::TrialPlace;

/// How large a trial is that is read in windows, and how large these are, both in bytes of the text of its logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// A trial of no more bytes is read whole.
    pub whole_max: u64,
    /// Bytes of a window, about.
    pub window: u64,
}

impl Default for Sizes {
    fn default() -> Sizes {
        Sizes {
            whole_max: 200 << 20,
            window: 32 << 20,
        }
    }
}

impl Sizes {
    /// Whether a trial is larger than one that is read whole, by the files in its folder.
    pub fn are_exceeded(self, place: &TrialPlace) -> bool {
        let is_in_folder = place.packed.is_none();
        let folder = is_in_folder
            .then(|| fs::read_dir(&place.dir).ok())
            .flatten();
        let files = folder.into_iter().flatten().flatten();
        let bytes = files.filter_map(|file| Some(file.metadata().ok()?.len()));
        bytes.sum::<u64>() > self.whole_max
    }
}
