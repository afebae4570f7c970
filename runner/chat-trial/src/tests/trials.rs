//! Trials in which all rules hold.
