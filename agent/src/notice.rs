//! What the program says. A terminal that was closed is no reason to stop recording, so a line that
//! nobody can read is lost in silence.

use std::fmt::Display;
use std::io::Write;

pub fn say(line: impl Display) {
    writeln!(std::io::stdout(), "{line}").ok();
}

pub fn warn(line: impl Display) {
    writeln!(std::io::stderr(), "{line}").ok();
}
