//! Tests of what several files do together.

mod options;
