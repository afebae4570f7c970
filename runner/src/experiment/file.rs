//! An experiment from a file: TOML, or the `run.json` of an earlier experiment.

use std::path::Path;

use super::ExperimentError;
use super::draft::{Draft, from_toml};
use super::record::manifest_of;

/// Reads an experiment: a `.json` file is taken for the manifest of a run, anything else for TOML.
///
/// # Errors
///
/// [`ExperimentError`] names the file and, if one is wrong, the key.
pub fn read(path: &Path) -> Result<Draft, ExperimentError> {
    let fail = |problem: String| ExperimentError::new(path, problem);
    if path.is_dir() {
        return Err(fail(
            "is a folder: `--resume` goes on with a run, and its run.json repeats it".to_owned(),
        ));
    }
    let text = std::fs::read_to_string(path)
        .map_err(|error| fail(format!("cannot be read ({error}); check the path")))?;
    let json = path
        .extension()
        .is_some_and(|extension| extension == "json");
    if json {
        Ok(Draft::from(manifest_of(&text).map_err(fail)?.config))
    } else {
        let stem = path
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned());
        let mut draft = from_toml(&text).map_err(fail)?;
        draft.name = draft.name.or(stem);
        Ok(draft)
    }
}
