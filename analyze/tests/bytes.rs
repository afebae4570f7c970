//! Files of any bytes, for every reader: no panic, nothing skipped in silence, and results no larger than their input.
//!
//! Bounds are counted, not timed: rows and notes against lines, the length of what is quoted against a constant. A reader
//! whose work grew with the square of its input would not come to the end of the large samples here.

mod bytes {
    pub(crate) mod foreign;
    pub(crate) mod own;
    pub(crate) mod samples;
}
