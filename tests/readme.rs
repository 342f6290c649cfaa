//! The README shows real output. `UPDATE_README=1 cargo test --test readme` writes it anew.

mod common;

use std::path::Path;
use std::{env, fs};

/// Runs a command line at 80 columns without an overlay.
fn output(line: &str) -> String {
    let mut words = line.split(' ');
    assert_eq!(words.next(), Some("hwcmp"));
    let result = common::hwcmp()
        .args(words)
        .env("COLUMNS", "80")
        .output()
        .expect("it runs");
    assert!(
        result.status.success(),
        "{line}: {}",
        String::from_utf8_lossy(&result.stderr)
    );
    String::from_utf8(result.stdout).expect("UTF-8")
}

#[test]
fn the_readme_shows_real_output() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = fs::read_to_string(&path).expect("README.md");
    let mut fresh = String::new();
    let mut rest = text.as_str();
    let mut shown = 0;
    while let Some(at) = rest.find("<!-- output: ") {
        let end = at + rest[at..].find(" -->").expect("a closed comment");
        let line = &rest[at + "<!-- output: ".len()..end];
        fresh.push_str(&rest[..end + " -->".len()]);
        fresh.push_str("\n\n```text\n$ ");
        fresh.push_str(line);
        fresh.push('\n');
        fresh.push_str(output(line).trim_end());
        fresh.push_str("\n```\n");
        rest = &rest[end + " -->".len()..];
        let after = rest.trim_start_matches('\n');
        rest = match after.strip_prefix("```text\n") {
            Some(old) => &old[old.find("```\n").expect("a closed block") + "```\n".len()..],
            None => rest.strip_prefix('\n').unwrap_or(rest),
        };
        shown += 1;
    }
    fresh.push_str(rest);
    assert!(shown >= 3);
    if env::var_os("UPDATE_README").is_some() {
        fs::write(&path, fresh).expect("a writable README.md");
    } else {
        assert!(
            text == fresh,
            "the README is out of date: UPDATE_README=1 cargo test --test readme"
        );
    }
}
