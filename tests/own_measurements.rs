//! A user's measurements in an overlay move the constants at run time.

mod common;

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::process::Output;

/// A folder with one measured series of Qwen3 32B at `Q4_K_M` on GB10 in llama.cpp.
fn overlay(name: &str, value: &str) -> Result<PathBuf, Box<dyn Error>> {
    let folder = std::env::temp_dir().join(format!("hwcmp-own-{}-{name}", std::process::id()));
    fs::create_dir_all(folder.join("measured"))?;
    fs::write(
        folder.join("measured/mine.toml"),
        format!(
            "[[series]]\nmetric = \"decode\"\ndevice = \"gb10\"\ndevices = 1\nengine = \"llama.cpp\"\n\
             backend = \"cuda\"\nmodel = \"qwen3-32b\"\nquant = \"q4_k_m\"\ntiming = \"decode\"\n\
             date = \"2026-11-20\"\npoints = [{{ prompt = 0, gen = 128, depth = 0, batch = 1, value = {value} }}]\n"
        ),
    )?;
    Ok(folder)
}

fn run(arguments: &[&str], overlay: Option<&PathBuf>) -> Result<Output, Box<dyn Error>> {
    let mut command = common::hwcmp();
    command.args(arguments);
    if let Some(folder) = overlay {
        command.arg("--data").arg(folder);
    }
    Ok(command.output()?)
}

/// The middle of decode and the evidence of a model on a machine.
fn decode(
    model: &str,
    machine: &str,
    overlay: Option<&PathBuf>,
) -> Result<(f64, String), Box<dyn Error>> {
    let arguments = ["speed", model, "--machine", machine, "--format", "json"];
    let output = run(&arguments, overlay)?;
    let json: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let row = &json["rows"][0];
    let mid = row["decode_tokens_per_second"]["mid"].as_f64();
    let evidence = row["evidence"].as_str().unwrap_or("").to_owned();
    Ok((mid.ok_or("no decode")?, evidence))
}

#[test]
fn own_rows_move_what_they_measured_and_little_else() -> Result<(), Box<dyn Error>> {
    let (before, evidence) = decode("qwen3-32b-q4", "dgx-spark", None)?;
    assert_eq!(evidence, "calibrated", "choose a model without rows there");
    let slow = before * 0.7;
    let folder = overlay("slow", &format!("{slow:.2}"))?;

    let (after, evidence) = decode("qwen3-32b-q4", "dgx-spark", Some(&folder))?;
    assert!(
        slow < after && after < before * 0.95,
        "{slow} < {after} < {before}"
    );
    assert_eq!(evidence, "measured");

    // A sister on the same device follows less, another device not at all.
    let shift = |model: &str, machine: &str| -> Result<f64, Box<dyn Error>> {
        let (without, _) = decode(model, machine, None)?;
        let (with, _) = decode(model, machine, Some(&folder))?;
        Ok(with / without)
    };
    let sister = shift("qwen3-8b-q4", "dgx-spark")?;
    assert!(after / before < sister && sister < 1.0, "{sister}");
    let other = shift("qwen3-8b-q4", "rtx-5090-workstation")?;
    assert!((other - 1.0).abs() < 0.005, "{other}");
    fs::remove_dir_all(folder)?;
    Ok(())
}

#[test]
fn faulty_rows_are_told_and_not_left_out_silently() -> Result<(), Box<dyn Error>> {
    let folder = overlay("faulty", "-3")?;
    let output = run(&["speed", "qwen3-32b-q4"], Some(&folder))?;
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8(output.stderr)?;
    assert!(told.contains("mine.toml:11"), "{told}");
    // What needs no constants answers all the same.
    let output = run(&["list", "models"], Some(&folder))?;
    assert_eq!(output.status.code(), Some(0));
    fs::remove_dir_all(folder)?;
    Ok(())
}
