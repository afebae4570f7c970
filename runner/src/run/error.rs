//! Why a run cannot be carried out.

use driver::StorageError;
use thiserror::Error;

use crate::resume::ResumeError;

/// A run that could not be carried out at all.
#[derive(Debug, Error)]
pub enum RunError {
    /// Its folder could not be created.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The folder that its shards share cannot be joined.
    #[error(transparent)]
    Shared(#[from] ResumeError),
    /// The operating system refused something basic.
    #[error("the operating system refused: {0}")]
    System(#[from] std::io::Error),
}
