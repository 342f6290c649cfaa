//! The import rule of `src/lib.rs`: a module uses those before it, never those after.

use std::fs;
use std::path::{Path, PathBuf};

/// The modules in the order in which they may use each other.
const ORDER: [&[&str]; 13] = [
    &["units"],
    &["evidence"],
    &["model"],
    &["machine"],
    &["workload"],
    &["predict"],
    &["money"],
    &["catalog"],
    &["import"],
    &["study"],
    &["verdict"],
    &["report"],
    &["cli"],
];

fn level(module: &str) -> Option<usize> {
    ORDER.iter().position(|names| names.contains(&module))
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every module named in `use crate::` lines, also in groups `crate::{a, b::c}`.
fn used(text: &str) -> Vec<String> {
    let mut modules = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        let names = match rest.strip_prefix('{') {
            Some(group) => group.split('}').next().unwrap_or("").to_owned(),
            None => rest.to_owned(),
        };
        let group = rest.starts_with('{');
        for name in names.split(',').take(if group { usize::MAX } else { 1 }) {
            let word: String = name
                .trim()
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            modules.push(word);
        }
    }
    modules
}

#[test]
fn modules_use_only_those_before_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut wrong = Vec::new();
    let mut checked = 0;
    for file in files {
        let relative = file.strip_prefix(&root).expect("below src");
        let module = relative
            .components()
            .next()
            .expect("a name")
            .as_os_str()
            .to_string_lossy();
        let Some(own) = level(&module) else { continue };
        for other in used(&fs::read_to_string(&file).expect("text")) {
            let Some(used) = level(&other) else { continue };
            checked += 1;
            if used > own {
                wrong.push(format!("{} uses {other}", relative.display()));
            }
        }
    }
    assert!(
        checked > 100,
        "only {checked} uses were found: does the search still work?"
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_report_and_cli_write() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for module in [
        "units", "evidence", "model", "machine", "workload", "predict", "money", "verdict",
    ] {
        let mut files = Vec::new();
        sources(&root.join(module), &mut files);
        for file in files {
            let text = fs::read_to_string(&file).expect("text");
            for word in [
                "std::fs",
                "std::env",
                "std::io",
                "std::time",
                "println!",
                "stdout(",
            ] {
                assert!(!text.contains(word), "{} mentions {word}", file.display());
            }
        }
    }
}

#[test]
fn every_module_of_the_library_has_its_place() {
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).expect("text");
    for line in text.lines() {
        if let Some(name) = line
            .strip_prefix("pub mod ")
            .and_then(|rest| rest.strip_suffix(';'))
        {
            assert!(level(name).is_some(), "`{name}` is missing from ORDER");
        }
    }
}
