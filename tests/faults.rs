//! One bad file for each fault message: `hwcmp check FILE` tells it exactly and
//! exits with 2. The files are in `tests/faults/`, named for the table they hold.

use std::collections::BTreeSet;
use std::path::PathBuf;

use snapbox::cmd::{Command, OutputAssert, cargo_bin};
use snapbox::str;

/// Where the bad files are.
fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/faults")
}

/// Checks a bad file over the built-in data, whatever overlay the user has.
fn check(file: &str) -> OutputAssert {
    Command::new(cargo_bin!("hwcmp"))
        .current_dir(folder())
        .env_remove("HWCMP_DATA")
        .env("XDG_CONFIG_HOME", folder())
        .args(["check", file])
        .assert()
        .code(2)
        .stdout_eq("")
}

#[test]
fn every_bad_file_has_a_test() {
    let listed = std::fs::read_dir(folder()).expect("tests/faults");
    let files: BTreeSet<String> = listed
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    let tests = include_str!("faults.rs");
    for file in files {
        assert!(
            tests.contains(&format!("check(\"{file}\")")),
            "{file} has no test"
        );
    }
}

#[test]
fn all_missing_keys_are_named() {
    check("devices-missing-key.toml").stderr_eq(str![[r#"
error: devices-missing-key.toml:1:1: the key `vendor` is missing
  | [my-card]
  | ^
  = add `vendor = ...` to this table
devices-missing-key.toml:1:1: the key `class` is missing
  | [my-card]
  | ^
  = add `class = ...` to this table
2 faults in the data

"#]]);
}

#[test]
fn nan_is_refused() {
    check("devices-not-a-number.toml").stderr_eq(str![[r#"
error: devices-not-a-number.toml:7:15: `fp16_tflops = nan` is no possible value
  | fp16_tflops = nan
  |               ^
  = give a number from zero to 1e15; leave the key out if it is unknown
1 fault in the data

"#]]);
}

#[test]
fn an_unknown_key_suggests_the_nearest() {
    check("devices-unknown-key.toml").stderr_eq(str![[r#"
error: devices-unknown-key.toml:7:1: there is no key `memory_gb` in this table
  | memory_gb = 24.0
  | ^
  = did you mean `memory_gib`?
1 fault in the data

"#]]);
}

#[test]
fn text_for_a_number() {
    check("devices-wrong-type.toml").stderr_eq(str![[r#"
error: devices-wrong-type.toml:7:14: `memory_gib` must be a number
  | memory_gib = "24 GiB"
  |              ^
  = write a number without quotes (its unit is the end of the key), or leave the key out if it is unknown
1 fault in the data

"#]]);
}

#[test]
fn a_word_that_is_none_of_the_known_ones() {
    check("devices-wrong-word.toml").stderr_eq(str![[r#"
error: devices-wrong-word.toml:5:9: `class` cannot be `graphics`
  | class = "graphics"
  |         ^
  = write one of gpu, integrated, cpu
1 fault in the data

"#]]);
}

#[test]
fn zero_bandwidth() {
    check("devices-zero-bandwidth.toml").stderr_eq(str![[r#"
error: devices-zero-bandwidth.toml:7:18: `bandwidth_gb_s` cannot be zero
  | bandwidth_gb_s = 0.0
  |                  ^
  = give the real figure, or leave the key out if it is unknown
1 fault in the data

"#]]);
}

#[test]
fn a_file_of_no_table() {
    check("gadgets.toml").stderr_eq(str![[r#"
error: gadgets.toml: the file's name does not say which table it holds
  = name it NAME.toml or NAME-anything.toml with NAME one of devices, machines, hosts, links, prices, energy, cloud, models, quants, real_files, quality, engines, workloads, measured, calibration, speculation, speculation_pairs, claims, claim_sources
1 fault in the data

"#]]);
}

#[test]
fn a_share_above_one() {
    check("links-share.toml").stderr_eq(str![[r#"
error: links-share.toml:4:14: `efficiency` is a share and cannot be above 1
  | efficiency = 80.0
  |              ^
  = write 0.6 for 60%
1 fault in the data

"#]]);
}

#[test]
fn a_row_written_as_a_list() {
    check("machines-double-brackets.toml").stderr_eq(str![[r#"
error: machines-double-brackets.toml:1:3: `my-box` is written as a list, but has one entry
  | [[my-box]]
  |   ^
  = write [my-box] with single brackets
1 fault in the data

"#]]);
}

#[test]
fn an_empty_file() {
    check("machines-empty.toml").stderr_eq(str![[r#"
error: machines-empty.toml: the file is empty
  = add a table such as [my-machine], or remove the file
1 fault in the data

"#]]);
}

#[test]
fn a_date_in_the_future() {
    check("machines-future-date.toml").stderr_eq(str![[r#"
error: machines-future-date.toml:5:8: the date 2099-01 lies in the future
  | date = "2099-01"
  |        ^
  = give the day on which the figure was published
1 fault in the data

"#]]);
}

#[test]
fn an_id_that_cannot_be_typed() {
    check("machines-id.toml").stderr_eq(str![[r#"
error: machines-id.toml:1:2: `My Box` cannot be an id
  | ["My Box"]
  |  ^
  = use lower-case letters, digits, `-` and `.`
1 fault in the data

"#]]);
}

#[test]
fn all_faults_at_once() {
    check("machines-many.toml").stderr_eq(str![[r#"
error: machines-many.toml:4:10: `load_w = -140.0` is no possible value
  | load_w = -140.0
  |          ^
  = give a number from zero to 1e15; leave the key out if it is unknown
machines-many.toml:5:1: there is no key `colour` in this table
  | colour = "gold"
  | ^
  = take it out; the keys are name, device, count, default, aliases, memory_gib, usable_gib, tuned_usable_gib, tuned_how, host, engine, link, idle_w, load_w, adapter_w, noise_dba, noise_range_dba, volume_l, dimensions_mm, setup_hours, network, resale_3y, status, released, ratings, source, date, note, evidence
machines-many.toml:6:13: `noise_dba` must be a number
  | noise_dba = "quiet"
  |             ^
  = write a number without quotes (its unit is the end of the key), or leave the key out if it is unknown
machines-many.toml:7:14: `usable_gib` is more than the 128 GiB there are
  | usable_gib = 140.0
  |              ^
  = give what an engine can use of the memory
machines-many.toml:10:1: the key `name` is missing
  | [your-box]
  | ^
  = add `name = ...` to this table
machines-many.toml:12:8: the date 2099 lies in the future
  | date = "2099"
  |        ^
  = give the day on which the figure was published
6 faults in the data

"#]]);
}

#[test]
fn memory_that_varies_by_machine() {
    check("machines-memory.toml").stderr_eq(str![[r#"
error: machines-memory.toml:3:10: the memory of `m3-ultra-80` varies by machine
  | device = "m3-ultra-80"
  |          ^
  = add `memory_gib` and `usable_gib` to this table
1 fault in the data

"#]]);
}

#[test]
fn a_negative_number() {
    check("machines-negative.toml").stderr_eq(str![[r#"
error: machines-negative.toml:4:10: `load_w = -140.0` is no possible value
  | load_w = -140.0
  |          ^
  = give a number from zero to 1e15; leave the key out if it is unknown
1 fault in the data

"#]]);
}

#[test]
fn a_date_that_is_none() {
    check("machines-no-date.toml").stderr_eq(str![[r#"
error: machines-no-date.toml:4:8: `last week` is not a date
  | date = "last week"
  |        ^
  = write YYYY, YYYY-MM or YYYY-MM-DD, as far as it is known
1 fault in the data

"#]]);
}

#[test]
fn keys_outside_of_a_table() {
    check("machines-stray-key.toml").stderr_eq(str![[r#"
error: machines-stray-key.toml:1:8: this key stands outside of any table
  | name = "My box"
  |        ^
  = put a header with an id above it, such as [my-machine]
machines-stray-key.toml:2:10: this key stands outside of any table
  | device = "gb10"
  |          ^
  = put a header with an id above it, such as [my-machine]
2 faults in the data

"#]]);
}

#[test]
fn broken_syntax() {
    check("machines-syntax.toml").stderr_eq(str![[r#"
error: machines-syntax.toml:2:15: invalid basic string, expected `"`
  | name = "My box
  |               ^
  = correct the TOML syntax here (tables are [id], keys are `name = value`)
machines-syntax.toml:3:10: string values must be quoted, expected literal string
  | device = gb10
  |          ^
  = correct the TOML syntax here (tables are [id], keys are `name = value`)
2 faults in the data

"#]]);
}

#[test]
fn an_id_twice() {
    check("machines-twice.toml").stderr_eq(str![[r#"
error: machines-twice.toml:5:2: `my-box` is in the file twice
  | [my-box]
  |  ^
  = keep one of them, or rename the other
1 fault in the data

"#]]);
}

#[test]
fn an_unknown_device_suggests_the_nearest() {
    check("machines-unknown-device.toml").stderr_eq(str![[r#"
error: machines-unknown-device.toml:3:10: there is no device `rtx-309`
  | device = "rtx-309"
  |          ^
  = did you mean `rtx-3090`?
1 fault in the data

"#]]);
}

#[test]
fn a_resale_range_upside_down() {
    check("machines-upside-down.toml").stderr_eq(str![[r#"
error: machines-upside-down.toml:4:1: `resale_3y` is upside down: 0.6 to 0.2
  | [my-box.resale_3y]
  | ^
  = write the smaller number as the lower bound
1 fault in the data

"#]]);
}

#[test]
fn usable_above_total() {
    check("machines-usable.toml").stderr_eq(str![[r#"
error: machines-usable.toml:5:14: `usable_gib` is more than the 128 GiB there are
  | usable_gib = 140.0
  |              ^
  = give what an engine can use of the memory
1 fault in the data

"#]]);
}

#[test]
fn a_series_without_points() {
    check("measured-empty.toml").stderr_eq(str![[r#"
error: measured-empty.toml:7:10: the series has no points
  | points = []
  |          ^
  = add at least one `{ value = ... }`
1 fault in the data

"#]]);
}

#[test]
fn an_unknown_family() {
    check("models-unknown-family.toml").stderr_eq(str![[r#"
error: models-unknown-family.toml:3:10: `family` is `lama`, which is not known: give llama.cpp's architecture name (`general.architecture`), one of llama, [..]
  | family = "lama"
  |          ^
  = correct the hyper-parameter in this table
1 fault in the data

"#]]);
}

#[test]
fn a_list_written_as_a_row() {
    check("prices-single-brackets.toml").stderr_eq(str![[r#"
error: prices-single-brackets.toml:1:1: `dgx-spark` is not a list
  | [dgx-spark]
  | ^
  = write [[dgx-spark]] with double brackets: each entry is one of a list
1 fault in the data

"#]]);
}

#[test]
fn an_offer_without_its_price() {
    check("cloud-no-price.toml").stderr_eq(str![[r#"
error: cloud-no-price.toml:2:8: an offer of this kind needs `input_usd_per_mtok`
  | kind = "api"
  |        ^
  = add `input_usd_per_mtok = ...` in US dollars
1 fault in the data

"#]]);
}

#[test]
fn a_quote_upside_down() {
    check("prices-upside-down.toml").stderr_eq(str![[r#"
error: prices-upside-down.toml:3:11: `low_usd` is upside down: 4999 to 4699
  | low_usd = 4999.0
  |           ^
  = write the smaller number as the lower bound
1 fault in the data

"#]]);
}

#[test]
fn a_quant_that_the_program_lacks() {
    check("quants-new.toml").stderr_eq(str![[r#"
error: quants-new.toml:1:2: there is no quant `q4_k_x`
  | [q4_k_x]
  |  ^
  = its layout is code: name one of `hwcmp list quants`
1 fault in the data

"#]]);
}

#[test]
fn an_unknown_criterion() {
    check("workloads-unknown-criterion.toml").stderr_eq(str![[r#"
error: workloads-unknown-criterion.toml:19:10: there is no criterion `beauty`
  | beauty = 1.0
  |          ^
  = write one of decode, prefill, capacity, energy, noise, setup, upgradeability, software, multi-user, training, resale, total-cost, price
1 fault in the data

"#]]);
}

#[test]
fn an_unknown_model_in_a_basket() {
    check("workloads-unknown-model.toml").stderr_eq(str![[r#"
error: workloads-unknown-model.toml:15:13: there is no model `qwen3.6-27`
  |   { model = "qwen3.6-27", weight = 1.0 },
  |             ^
  = did you mean `qwen3.6-27b`?
1 fault in the data

"#]]);
}

#[test]
fn a_count_beyond_any_machine() {
    check("machines-count.toml").stderr_eq(str![[r#"
error: machines-count.toml:4:9: a machine has no 4294967295 devices
  | count = 4294967295
  |         ^
  = write a count from 1 to 16
1 fault in the data

"#]]);
}

#[test]
fn an_absurd_price() {
    check("prices-absurd.toml").stderr_eq(str![[r#"
error: prices-absurd.toml:4:12: `high_usd = 1e308` is no possible value
  | high_usd = 1e308
  |            ^
  = give a number from zero to 1e15; leave the key out if it is unknown
1 fault in the data

"#]]);
}

#[test]
fn an_absurd_memory() {
    check("devices-absurd-memory.toml").stderr_eq(str![[r#"
error: devices-absurd-memory.toml:6:14: `memory_gib = 1e9` is no possible value
  | memory_gib = 1e9
  |              ^
  = give a number from zero to 1e6; leave the key out if it is unknown
1 fault in the data

"#]]);
}

#[test]
fn a_model_without_layers() {
    check("models-no-layers.toml").stderr_eq(str![[r#"
error: models-no-layers.toml:4:10: `layers` is 0: give the real figure, or leave the key out if it does not apply
  | layers = 0
  |          ^
  = correct the hyper-parameter in this table
1 fault in the data

"#]]);
}

#[test]
fn a_file_that_is_not_there() {
    check("machines-nowhere.toml").stderr_eq(str![[r#"
error: machines-nowhere.toml: there is no such file
  = give the path of a TOML file or of a folder of them
1 fault in the data

"#]]);
}

#[test]
fn acceptance_beyond_what_is_drafted_is_refused() {
    check("speculation-share.toml").stderr_eq(str![[r#"
error: speculation-share.toml:5:21: `most_draft_tokens` is upside down: 4 to 2
  | most_draft_tokens = 2
  |                     ^
  = write the smaller number as the lower bound
speculation-share.toml:6:11: there is no engine `vlm`
  | engines = ["llama.cpp", "vlm"]
  |           ^
  = name an engine of `hwcmp list engines`
speculation-share.toml:10:44: `acceptance.0.accepted` is a share and cannot be above 1
  |   { work = "code", drafted = 2, accepted = 1.4 },
  |                                            ^
  = write 0.6 for 60%
speculation-share.toml:11:51: a step yields 1 to 3 tokens
  |   { work = "chat", drafted = 2, tokens_per_step = 5 },
  |                                                   ^
  = give what a step yields, its own token included
speculation-share.toml:12:12: the entry states no acceptance
  |   { work = "chat" },
  |            ^
  = give `drafted` with `accepted` (or its low and high), or `tokens_per_step`
5 faults in the data

"#]]);
}

#[test]
fn a_pair_without_a_rate_is_refused() {
    check("speculation_pairs-zero.toml").stderr_eq(str![[r#"
error: speculation_pairs-zero.toml:2:10: there is no device `rtx-3091`
  | device = "rtx-3091"
  |          ^
  = did you mean `rtx-3090`?
speculation_pairs-zero.toml:5:9: there is no quant `q4_k_x`
  | quant = "q4_k_x"
  |         ^
  = name a quant of `hwcmp list quants`
speculation_pairs-zero.toml:7:9: there is no split `pipeline`
  | split = "pipeline"
  |         ^
  = write layer, tensor or replicas
speculation_pairs-zero.toml:8:50: `points.0.plain` cannot be zero
  | points = [{ drafted = 2, accepted = 0.8, plain = 0, speculative = 40 }]
  |                                                  ^
  = give the real figure, or leave the key out if it is unknown
4 faults in the data

"#]]);
}
