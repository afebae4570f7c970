//! Correct trials made without the project's machines, and ways to spoil them.

pub(crate) mod chance;
pub(crate) mod log;
pub(crate) mod mutate;
pub(crate) mod simulate;
