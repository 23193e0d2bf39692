//! The letters of documents: Noto Sans, of which a document embeds those that it shows and no others.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use anyhow::Context;
use icu_normalizer::ComposingNormalizerBorrowed;
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Filter, Name, Pdf, Rect, Ref, Str};
use read_fonts::{FontRef, TableProvider};
use subsetter::GlyphRemapper;

use super::packed;

/// What stands for a letter that there is no drawing of.
const UNKNOWN: char = '?';

/// Codes are numbers of drawings, whatever language they are of.
const CODES: SystemInfo = SystemInfo {
    registry: Str(b"Adobe"),
    ordering: Str(b"Identity"),
    supplement: 0,
};

#[derive(Clone, Copy)]
struct Glyph {
    /// In the whole font.
    id: u16,
    /// In thousandths of the font's size.
    advance: f32,
}

/// One font in one document.
pub(super) struct Face {
    name: &'static str,
    weight: u16,
    data: &'static [u8],
    glyphs: HashMap<char, Glyph>,
    /// By what number the document knows each glyph that it shows.
    codes: GlyphRemapper,
    /// What is shown, by code; the first code is of what stands for nothing.
    shown: Vec<(char, f32)>,
    /// Whether a letter could not be shown.
    pub has_unknown: bool,
}

impl Face {
    pub fn regular() -> anyhow::Result<Self> {
        let data = include_bytes!("../../../fonts/NotoSans-Regular.ttf");
        Self::new("NotoSans-Regular", 400, data)
    }

    pub fn bold() -> anyhow::Result<Self> {
        let data = include_bytes!("../../../fonts/NotoSans-Bold.ttf");
        Self::new("NotoSans-Bold", 700, data)
    }

    fn new(name: &'static str, weight: u16, data: &'static [u8]) -> anyhow::Result<Self> {
        let font = FontRef::new(data)?;
        let per_em = f32::from(font.head()?.units_per_em());
        let scaled = |units: u16| f32::from(units) * 1000.0 / per_em;
        let (cmap, metrics) = (font.cmap()?, font.hmtx()?);
        let (.., letters) = cmap.best_subtable().context("a font without letters")?;
        let glyphs = letters.iter().filter_map(|(letter, id)| {
            let advance = scaled(metrics.advance(id)?);
            let id = u16::try_from(id.to_u32()).ok()?;
            Some((char::from_u32(letter)?, Glyph { id, advance }))
        });
        let nothing = metrics.h_metrics().first().context("a font of nothing")?;
        Ok(Self {
            name,
            weight,
            data,
            glyphs: glyphs.collect(),
            codes: GlyphRemapper::new(),
            shown: vec![('\u{FFFD}', scaled(nothing.advance()))],
            has_unknown: false,
        })
    }

    fn glyph(&self, letter: char) -> Option<(char, Glyph)> {
        self.glyphs.get(&letter).map(|glyph| (letter, *glyph))
    }

    pub fn advance(&self, letter: char, size: f32) -> f32 {
        let glyph = self.glyph(letter).or_else(|| self.glyph(UNKNOWN));
        glyph.map_or(0.0, |(_, glyph)| glyph.advance * size / 1000.0)
    }

    /// Of a text as it is `composed`.
    pub fn width(&self, text: &str, size: f32) -> f32 {
        text.chars().map(|letter| self.advance(letter, size)).sum()
    }

    /// The text as the document writes it, two bytes a letter, with `?` for each that there is no drawing of.
    pub fn encode(&mut self, text: &str) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(2 * text.len());
        for letter in text.chars() {
            let known = self.glyph(letter);
            self.has_unknown |= known.is_none();
            let code = match known.or_else(|| self.glyph(UNKNOWN)) {
                Some((letter, glyph)) => {
                    let code = self.codes.remap(glyph.id);
                    if usize::from(code) == self.shown.len() {
                        self.shown.push((letter, glyph.advance));
                    }
                    code
                }
                None => 0,
            };
            bytes.extend(code.to_be_bytes());
        }
        bytes
    }

    /// Writes what was shown of it: to be called when nothing more is.
    pub fn write(
        &self,
        pdf: &mut Pdf,
        id: Ref,
        mut new: impl FnMut() -> Ref,
    ) -> anyhow::Result<()> {
        let (descendant, descriptor, file, letters) = (new(), new(), new(), new());
        let name = format!("{}+{}", self.tag(), self.name);
        let name = Name(name.as_bytes());
        pdf.type0_font(id)
            .base_font(name)
            .encoding_predefined(Name(b"Identity-H"))
            .descendant_font(descendant)
            .to_unicode(letters);

        let mut font = pdf.cid_font(descendant);
        font.subtype(CidFontType::Type2)
            .base_font(name)
            .system_info(CODES)
            .font_descriptor(descriptor)
            .cid_to_gid_map_predefined(Name(b"Identity"));
        let widths = self.shown.iter().map(|(_, advance)| *advance);
        font.widths().consecutive(0, widths);
        drop(font);

        let whole = FontRef::new(self.data)?;
        let (head, across, os2) = (whole.head()?, whole.hhea()?, whole.os2()?);
        let per_em = f32::from(head.units_per_em());
        let scaled = |units: i16| f32::from(units) * 1000.0 / per_em;
        let ascent = scaled(across.ascender().to_i16());
        pdf.font_descriptor(descriptor)
            .name(name)
            .flags(FontFlags::SYMBOLIC)
            .bbox(Rect::new(
                scaled(head.x_min()),
                scaled(head.y_min()),
                scaled(head.x_max()),
                scaled(head.y_max()),
            ))
            .italic_angle(0.0)
            .ascent(ascent)
            .descent(scaled(across.descender().to_i16()))
            .cap_height(os2.s_cap_height().map_or(ascent, scaled))
            // Fonts do not say how thick their stems are; readers use it only to find a substitute.
            .stem_v(10.0 + 0.24 * (f32::from(self.weight) - 50.0))
            .font_file2(file);

        let drawings = subsetter::subset(self.data, 0, &self.codes)?;
        let length = i32::try_from(drawings.len())?;
        pdf.stream(file, &packed(&drawings))
            .filter(Filter::FlateDecode)
            .pair(Name(b"Length1"), length);

        let mut said = UnicodeCmap::new(Name(b"Letters"), CODES);
        for (code, (letter, _)) in (0_u16..).zip(&self.shown).skip(1) {
            said.pair(code, *letter);
        }
        pdf.cmap(letters, &packed(&said.finish()))
            .name(Name(b"Letters"))
            .system_info(CODES)
            .filter(Filter::FlateDecode);
        Ok(())
    }

    /// Six capitals before the name of a part of a font, others for other parts.
    fn tag(&self) -> String {
        let mut hash = DefaultHasher::new();
        for (letter, _) in &self.shown {
            letter.hash(&mut hash);
        }
        let mut left = hash.finish();
        let mut tag = String::new();
        while tag.len() < 6 {
            let letter = u8::try_from(left % 26).unwrap_or_default();
            tag.push(char::from(b'A' + letter));
            left /= 26;
        }
        tag
    }
}

/// A letter and the marks on it as the one letter that fonts draw, where there is one.
pub(super) fn composed(text: &str) -> Cow<'_, str> {
    const COMPOSER: ComposingNormalizerBorrowed = ComposingNormalizerBorrowed::new_nfc();
    COMPOSER.normalize(text)
}

#[cfg(test)]
impl Face {
    pub fn letters(&self) -> std::collections::BTreeSet<char> {
        self.glyphs.keys().copied().collect()
    }

    pub fn drawings(&self) -> std::collections::BTreeSet<u16> {
        self.glyphs.values().map(|glyph| glyph.id).collect()
    }
}
