//! What a PDF of the server says, read as whoever searches it or copies from it does: by what its fonts say that their
//! codes stand for.

use std::collections::BTreeMap;
use std::io::Read;

use flate2::read::ZlibDecoder;

pub struct Paper {
    /// What draws each page, unpacked.
    pub drawn: Vec<String>,
    pub said: Vec<Said>,
    /// By the name that pages give them.
    pub fonts: BTreeMap<String, Font>,
}

/// A piece of text, where a page has it.
pub struct Said {
    /// From 0.
    pub page: usize,
    pub font: String,
    pub at: (f32, f32),
    pub width: f32,
    pub text: String,
}

pub struct Font {
    pub name: String,
    pub letters: BTreeMap<u16, char>,
    /// By code, in thousandths of the size.
    pub widths: Vec<f32>,
    /// The drawings, as they are embedded.
    pub file: Vec<u8>,
}

impl Paper {
    pub fn read(file: &[u8]) -> Self {
        assert!(file.starts_with(b"%PDF-") && file.trim_ascii_end().ends_with(b"%%EOF"));
        let objects = Objects::read(file);
        let catalog = objects.find("/Type /Catalog");
        let tree = &objects.0[&refs(catalog, "/Pages")[0]];
        let mut paper = Self {
            drawn: Vec::new(),
            said: Vec::new(),
            fonts: BTreeMap::new(),
        };
        for (number, page) in refs(&tree.dict, "/Kids").into_iter().enumerate() {
            let page = &objects.0[&page].dict;
            for name in ["/F1", "/F2"] {
                let font = || Font::read(&objects, refs(page, name)[0]);
                paper.fonts.entry(name.into()).or_insert_with(font);
            }
            let parts = refs(page, "/Contents").into_iter();
            let parts = parts.map(|part| latin(&objects.0[&part].stream));
            paper.drawn.push(parts.collect::<Vec<_>>().join("\n"));
            paper.listen(number);
        }
        paper
    }

    fn listen(&mut self, page: usize) {
        let (mut font, mut size, mut at) = (String::new(), 0.0, (0.0, 0.0));
        for line in self.drawn[page].lines() {
            let words: Vec<&str> = line.split(' ').collect();
            let number = |place: usize| words[place].parse::<f32>().unwrap();
            match words.last() {
                Some(&"Tf") => (font, size) = (words[0].to_owned(), number(1)),
                Some(&"Tm") => at = (number(4), number(5)),
                Some(&"Tj") => {
                    let codes = codes(line.strip_suffix(" Tj").unwrap());
                    let letters = &self.fonts[&font];
                    let widths = codes.iter().map(|code| letters.widths[usize::from(*code)]);
                    self.said.push(Said {
                        page,
                        at,
                        width: widths.sum::<f32>() * size / 1000.0,
                        text: codes.iter().map(|code| letters.letters[code]).collect(),
                        font: font.clone(),
                    });
                }
                _ => (),
            }
        }
    }

    /// How often it says just that.
    pub fn count(&self, text: &str) -> usize {
        self.said.iter().filter(|said| said.text == text).count()
    }

    pub fn begins(&self, text: &str) -> bool {
        self.said.iter().any(|said| said.text.starts_with(text))
    }

    /// All of it, a piece a line.
    pub fn text(&self) -> String {
        let said = self.said.iter().map(|said| said.text.as_str());
        said.collect::<Vec<_>>().join("\n")
    }
}

impl Font {
    fn read(objects: &Objects, id: u32) -> Self {
        let outer = &objects.0[&id].dict;
        assert!(
            outer.contains("/Subtype /Type0") && outer.contains("/Encoding /Identity-H"),
            "{outer}"
        );
        let inner = &objects.0[&refs(outer, "/DescendantFonts")[0]].dict;
        assert!(
            inner.contains("/Subtype /CIDFontType2") && inner.contains("/CIDToGIDMap /Identity"),
            "{inner}"
        );
        let name = |dict: &str| word_after(dict, "/BaseFont").to_owned();
        assert_eq!(name(outer), name(inner));
        let descriptor = &objects.0[&refs(inner, "/FontDescriptor")[0]].dict;
        let file = objects.0[&refs(descriptor, "/FontFile2")[0]].stream.clone();
        let letters = latin(&objects.0[&refs(outer, "/ToUnicode")[0]].stream);
        let hex = |text: &str| u16::from_str_radix(text.trim_matches(['<', '>']), 16).unwrap();
        let pairs = letters.lines().filter(|line| line.starts_with('<'));
        let pairs = pairs.filter_map(|line| line.split_once("> <"));
        let letters = pairs
            .filter(|(code, _)| *code != "<0000")
            .map(|(code, letter)| (hex(code), char::from_u32(hex(letter).into()).unwrap()));
        let (_, widths) = inner.split_once("/W [0 [").unwrap();
        let widths = widths.split(']').next().unwrap().split_whitespace();
        Self {
            name: name(outer),
            letters: letters.collect(),
            widths: widths.map(|width| width.parse().unwrap()).collect(),
            file,
        }
    }
}

struct Object {
    dict: String,
    stream: Vec<u8>,
}

struct Objects(BTreeMap<u32, Object>);

impl Objects {
    /// By the table at the end, as readers find them.
    fn read(file: &[u8]) -> Self {
        let text = latin(file);
        let (_, table) = text.rsplit_once("startxref").unwrap();
        let table: usize = table.split_whitespace().next().unwrap().parse().unwrap();
        let rows = latin(&file[table..]);
        let rows = rows.strip_prefix("xref").unwrap().lines().skip(2);
        let rows = rows.take_while(|row| !row.starts_with("trailer"));
        let mut starts: Vec<(usize, u32)> = (0..)
            .zip(rows)
            .filter(|(_, row)| row.contains(" n"))
            .map(|(id, row)| (row[..10].parse().unwrap(), id))
            .collect();
        starts.sort_unstable();
        let ends = starts
            .iter()
            .map(|(start, _)| *start)
            .skip(1)
            .chain([table]);
        let objects = starts.iter().zip(ends).map(|((start, id), end)| {
            let object = &file[*start..end];
            let text = latin(object);
            assert!(text.starts_with(&format!("{id} 0 obj")), "{id}");
            let dict = text.split("\nstream\n").next().unwrap().to_owned();
            let mut stream = Vec::new();
            if dict.len() < text.len() {
                let length: usize = word_after(&dict, "/Length").parse().unwrap();
                let packed = &object[dict.len() + "\nstream\n".len()..][..length];
                if dict.contains("/FlateDecode") {
                    ZlibDecoder::new(packed).read_to_end(&mut stream).unwrap();
                } else {
                    stream.extend_from_slice(packed);
                }
            }
            (*id, Object { dict, stream })
        });
        Self(objects.collect())
    }

    fn find(&self, says: &str) -> &str {
        let found = self.0.values().find(|object| object.dict.contains(says));
        &found.unwrap().dict
    }
}

/// A letter a byte. What stands before a stream is ASCII, so that places in it are places in the file.
fn latin(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

fn word_after<'a>(dict: &'a str, key: &str) -> &'a str {
    let (_, rest) = dict.split_once(&format!("{key} ")).unwrap();
    rest.split_whitespace().next().unwrap()
}

/// The objects that stand beside a key: one, or a list of them.
fn refs(dict: &str, key: &str) -> Vec<u32> {
    let (_, rest) = dict
        .split_once(&format!("{key} "))
        .unwrap_or_else(|| panic!("no {key} in {dict}"));
    let these = match rest.strip_prefix('[') {
        Some(list) => list.split(']').next(),
        None => rest.split(" R").next(),
    };
    let words = these.unwrap().split_whitespace();
    words.step_by(3).map(|id| id.parse().unwrap()).collect()
}

/// Of a string as pages write it, two bytes each.
fn codes(string: &str) -> Vec<u16> {
    let mut bytes = Vec::new();
    if let Some(hex) = string.strip_prefix('<') {
        let hex = hex.strip_suffix('>').unwrap();
        for place in (0..hex.len()).step_by(2) {
            bytes.push(u8::from_str_radix(&hex[place..place + 2], 16).unwrap());
        }
    } else {
        let inner = string.strip_prefix('(').unwrap().strip_suffix(')').unwrap();
        let mut left = inner.bytes();
        while let Some(byte) = left.next() {
            bytes.push(match byte {
                b'\\' => match left.next().unwrap() {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'b' => 8,
                    b'f' => 12,
                    digit @ b'0'..=b'3' => {
                        let mut digit_of = || left.next().unwrap() - b'0';
                        (digit - b'0') * 64 + digit_of() * 8 + digit_of()
                    }
                    other => other,
                },
                other => other,
            });
        }
    }
    let pairs = bytes.chunks_exact(2);
    assert!(pairs.remainder().is_empty(), "{string}");
    pairs
        .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
        .collect()
}
