//! What the tests of the command line share.

use std::process::Command;

/// The program over its built-in data alone, whatever overlay whoever runs the test has.
pub fn hwcmp() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hwcmp"));
    command
        .env("HOME", "/nonexistent")
        .env_remove("XDG_CONFIG_HOME")
        .env_remove("HWCMP_DATA");
    command
}
