//! How numbers and other people's text are written, wherever they are shown: on a terminal, on a page, in a picture.
//!
//! # Map
//!
//! [`number`] with the digits that mean something · [`visible_text`] names and lines of others, made harmless.
//!
//! **Invariant.** The same value is written the same way everywhere.

pub mod number;
pub mod visible_text;
