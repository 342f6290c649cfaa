//! What the articles say of fine-tuning, checked: 3B by adapters comfortably and up to 70B on
//! the Spark, 7B to 13B on four RTX 3090 with sharding.

use std::sync::LazyLock;

use hwcmp::catalog::{Catalog, DATA_DATE};
use hwcmp::predict::memory::{Method, Training, training};

static CATALOG: LazyLock<Catalog> =
    LazyLock::new(|| Catalog::open(None, DATA_DATE).expect("the built-in data"));

/// GiB left on each device at one sequence of 2,048 tokens, rank 16.
fn left(machine: &str, model: &str, method: Method) -> f64 {
    let machine = CATALOG.select_machine(machine).expect("a machine");
    let model = &CATALOG.models().expect("models")[model];
    let run = Training {
        method,
        sequence: 2048,
        batch: 1,
        rank: 16,
    };
    let memory = training(&model.architecture, &machine, &run).expect("countable");
    memory.headroom() as f64 / f64::from(1 << 30)
}

#[test]
fn the_spark_adapts_3b_comfortably() {
    assert!(left("dgx-spark", "llama-3.2-3b", Method::Lora) > 90.0);
}

#[test]
fn the_spark_fine_tunes_70b_only_with_four_bit_weights() {
    // 16-bit weights of 70.6B parameters are 131.4 GiB, over its 111.8; NF4 makes them about 37.
    assert!(left("dgx-spark", "llama-3.3-70b", Method::Qlora) > 50.0);
    assert!(left("dgx-spark", "llama-3.3-70b", Method::Lora) < 0.0);
}

#[test]
fn four_3090_take_7b_to_13b_by_adapters_not_in_full() {
    for model in ["qwen2.5-7b", "llama-2-13b"] {
        for machine in ["4x3090-budget", "4x3090-pro"] {
            assert!(
                left(machine, model, Method::Lora) > 5.0,
                "{machine} {model}"
            );
            assert!(
                left(machine, model, Method::Qlora) > 5.0,
                "{machine} {model}"
            );
            // 7.6B x 16 bytes = 113.5 GiB of weights, gradients and states, over 93.2.
            assert!(
                left(machine, model, Method::Full) < 0.0,
                "{machine} {model}"
            );
        }
    }
}

#[test]
fn more_devices_never_need_more_each() {
    for method in [Method::Full, Method::Lora, Method::Qlora] {
        let two = left("2x rtx-3090", "qwen3-14b", method);
        let four = left("4x rtx-3090", "qwen3-14b", method);
        assert!(four > two);
    }
}
