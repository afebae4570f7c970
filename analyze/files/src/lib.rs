//! Files: the one place that opens what others wrote, and that writes.
//!
//! # Map
//!
//! [`input`] regular files, opened and read within bounds, whatever way their text is written · [`parquet_file`] tables in
//! Parquet · [`whole_file`] files written whole or not at all · [`note`] what is wrong with a file, where, and what to do ·
//! [`parallel`] work on many files on all processors.
//!
//! **Invariant.** Nothing here knows what a file is about.

pub mod input;
pub mod note;
pub mod parallel;
pub mod parquet_file;
pub mod whole_file;
