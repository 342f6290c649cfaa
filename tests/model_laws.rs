//! Laws of weights, over the catalogue and over made-up models.

use std::collections::BTreeMap;
use std::path::Path;

use hwcmp::model::{
    ExpertsTable, Family, LatentTable, LinearTable, ModelTable, Quant, SlidingTable, Weights,
};
use proptest::prelude::{Just, Strategy, any, prop, prop_oneof, proptest};

/// Quants from large to small. Neighbours of one size class (S, M and L) are left out:
/// which is the larger of `q3_k_l` and `q4_k_s` depends on the model. NVFP4 keeps linear
/// attention in 16 bits, so it can be larger than FP8.
const FALLING: [&[&str]; 4] = [
    &[
        "f32", "bf16", "q8_0", "q6_k", "q5_k_m", "q4_k_m", "q3_k_m", "q2_k",
    ],
    &[
        "q8_0", "iq4_nl", "iq3_m", "iq3_xxs", "iq2_m", "iq2_xxs", "iq1_s",
    ],
    &[
        "mlx-bf16", "mlx-8bit", "mlx-6bit", "mlx-5bit", "mlx-4bit", "mlx-3bit", "mlx-2bit",
    ],
    &["bf16", "fp8", "int4-g32", "awq-int4"],
];

fn bytes(architecture: &hwcmp::model::Architecture, id: &str) -> u64 {
    let quant = Quant::from_id(id).expect(id);
    Weights::of(architecture, &quant)
        .expect(id)
        .loaded_bytes()
        .0
}

#[test]
fn a_bigger_quant_never_shrinks_a_model_of_the_catalogue() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/models");
    for entry in std::fs::read_dir(folder).expect("data/models") {
        let text = std::fs::read_to_string(entry.expect("entry").path()).expect("text");
        for (model, table) in toml::from_str::<BTreeMap<String, ModelTable>>(&text).expect("table")
        {
            let architecture = table.architecture().expect(&model);
            for ids in FALLING {
                let sizes: Vec<u64> = ids.iter().map(|id| bytes(&architecture, id)).collect();
                for (pair, names) in sizes.windows(2).zip(ids.windows(2)) {
                    assert!(pair[0] >= pair[1], "{model}: {names:?} {pair:?}");
                }
            }
        }
    }
}

/// Any number a table may hold, mostly sensible ones.
fn size() -> impl Strategy<Value = u32> {
    prop_oneof![4 => 1_u32..300, 2 => (1_u32..64).prop_map(|n| n * 64), 1 => any::<u32>(), 1 => Just(0)]
}

fn table() -> impl Strategy<Value = ModelTable> {
    let family = prop::sample::select(
        Family::all()
            .map(|family| family.name().to_owned())
            .collect::<Vec<_>>(),
    );
    let experts =
        (size(), size(), size(), any::<bool>()).prop_map(|(total, used, ffn, parallel)| {
            ExpertsTable {
                total,
                used,
                ffn,
                shared: Some(1),
                parallel_dense: Some(parallel),
                ..ExpertsTable::default()
            }
        });
    let sliding = (size(), size()).prop_map(|(window, every)| SlidingTable {
        window,
        full_every: Some(every),
        ..SlidingTable::default()
    });
    let mla = (size(), size(), size()).prop_map(|(rank, rope, nope)| LatentTable {
        kv_lora_rank: rank,
        q_lora_rank: None,
        rope_dim: rope,
        nope_dim: nope,
        v_dim: nope,
    });
    let linear = (size(), size()).prop_map(|(heads, dim)| LinearTable {
        full_every: 4,
        k_heads: heads,
        k_dim: dim,
        v_heads: heads,
        v_dim: dim,
        conv: 4,
    });
    let sizes = (0_u32..20, size(), size(), size(), size(), size(), size());
    let parts = (
        prop::option::of(experts),
        prop::option::of(sliding),
        prop::option::of(mla),
        prop::option::of(linear),
        any::<bool>(),
    );
    (family, sizes, parts).prop_map(
        |(
            family,
            (layers, hidden, vocab, heads, kv_heads, head_dim, ffn),
            (experts, sliding, mla, linear, tied),
        )| {
            ModelTable {
                family,
                layers,
                hidden,
                vocab,
                tied_embeddings: tied,
                heads: Some(heads),
                kv_heads: Some(kv_heads),
                head_dim: Some(head_dim),
                ffn: Some(ffn),
                max_context: 4096,
                experts,
                sliding,
                mla,
                linear,
                ..ModelTable::default()
            }
        },
    )
}

proptest! {
    #[test]
    fn no_table_makes_it_panic(table in table(), quant in prop::sample::select(Quant::all())) {
        if let Ok(architecture) = table.architecture()
            && let Ok(weights) = Weights::of(&architecture, &quant)
        {
            assert!(weights.active(&architecture).bytes <= weights.loaded_bytes());
            assert!(weights.loaded_bytes() <= weights.file_bytes());
            let by_type: u64 = weights.by_type.values().map(|bytes| bytes.0).sum();
            assert_eq!(by_type, weights.loaded_bytes().0);
        }
    }

    #[test]
    fn a_bigger_quant_never_shrinks(table in table()) {
        if let Ok(architecture) = table.architecture() {
            let sizes: Vec<Option<u64>> = FALLING[0]
                .iter()
                .map(|id| Weights::of(&architecture, &Quant::from_id(id).expect(id)).ok().map(|weights| weights.loaded_bytes().0))
                .collect();
            for pair in sizes.windows(2) {
                if let [Some(larger), Some(smaller)] = pair {
                    assert!(larger >= smaller, "{sizes:?}");
                }
            }
        }
    }
}
