//! Models split over several files.

use std::fs;
use std::path::PathBuf;

use hwcmp::import::gguf::Header;
use hwcmp::units::Bytes;

use crate::builder::Builder;

/// A folder of its own, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("hwcmp-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).expect("a temporary folder");
        Self(path)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, bytes).expect("a writable folder");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn part(builder: Builder, number: u16, tensors: i32) -> Vec<u8> {
    builder
        .u16("split.no", number)
        .u16("split.count", 2)
        .i32("split.tensors.count", tensors)
        .build()
}

fn first() -> Builder {
    Builder::new().plain("llama").tensors(1)
}

fn second() -> Builder {
    Builder::new().tensor("output.weight", &[64, 100], 0)
}

#[test]
fn any_part_stands_for_the_whole() {
    let folder = Folder::new("whole");
    let one = folder.write("m-00001-of-00002.gguf", &part(first(), 0, 12));
    let two = folder.write("m-00002-of-00002.gguf", &part(second(), 1, 12));
    let whole = Header::open(&one).expect("both parts");
    assert_eq!(whole, Header::open(&two).expect("both parts"));
    assert_eq!((whole.parts, whole.tensors.len()), (2, 12));
    // 6,400 + 64 for the vocabulary; 64 + 4,096 + 2,048 + 2,048 + 4,096 + 64 + 3 x 8,192 in the layer; 6,400 for the head.
    assert_eq!(
        whole.tensor_bytes(),
        Bytes(4 * (6464 + 12_416 + 24_576 + 6400))
    );
    assert_eq!(whole.missing_bytes, Some(whole.tensor_bytes()));
    assert!(
        !whole
            .architecture()
            .expect("an architecture")
            .architecture
            .tied_embeddings
    );
}

#[test]
fn missing_and_foreign_parts() {
    let folder = Folder::new("parts");
    let message = |path: &PathBuf| Header::open(path).expect_err("a fault").to_string();
    let one = folder.write("m-00001-of-00002.gguf", &part(first(), 0, 12));
    let missing = message(&one);
    assert!(
        missing.contains("m-00002-of-00002.gguf: part 2 of 2 is missing"),
        "{missing}"
    );

    folder.write("m-00002-of-00002.gguf", &part(second(), 0, 12));
    let foreign = message(&one);
    assert!(
        foreign.contains("m-00002-of-00002.gguf") && foreign.contains("it says it is part 1 of 2"),
        "{foreign}"
    );

    folder.write("m-00002-of-00002.gguf", &second().build());
    assert!(message(&one).contains("does not say which part"));

    folder.write("m-00002-of-00002.gguf", &part(second(), 1, 12));
    folder.write("m-00001-of-00002.gguf", &part(first(), 0, 99));
    assert!(message(&one).contains("12 tensors together where 99 are promised"));

    folder.write(
        "m-00002-of-00002.gguf",
        &part(Builder::new().tensor("output_norm.weight", &[64], 0), 1, 12),
    );
    assert!(message(&one).contains("tensor `output_norm.weight`: occurs twice"));

    let renamed = folder.write("model.gguf", &part(first(), 0, 12));
    let message = message(&renamed);
    assert!(
        message.contains("part 1 of 2") && message.contains("-00001-of-00002.gguf"),
        "{message}"
    );
}

#[test]
fn how_much_of_the_data_is_there() {
    let folder = Folder::new("data");
    let mut bytes = first().build();
    let header = Header::read(&bytes[..]).expect("a good header");
    assert_eq!(header.missing_bytes, None);
    let whole = header.data_start() + header.data_bytes.0;
    bytes.resize(whole as usize - 100, 0);
    let cut = Header::open(&folder.write("cut.gguf", &bytes)).expect("the header is whole");
    assert_eq!(cut.missing_bytes, Some(Bytes(100)));
    bytes.resize(whole as usize, 0);
    let whole = Header::open(&folder.write("whole.gguf", &bytes)).expect("a whole file");
    assert_eq!(whole.missing_bytes, Some(Bytes(0)));
}

#[test]
fn a_file_that_is_not_there() {
    let message = Header::open(&PathBuf::from("no/such.gguf"))
        .expect_err("a fault")
        .to_string();
    assert!(
        message.starts_with("no/such.gguf: cannot be read"),
        "{message}"
    );
}
