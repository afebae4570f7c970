//! What exports and those who read them back share.
//!
//! `about` what rows cannot say of their trial · `cells` texts in CSV · [`shiviz`] logs for ShiViz · `words`
//!
//! **Invariant.** Nothing here writes or reads a file.

pub mod about;
pub mod cells;
pub mod shiviz;
pub mod words;
