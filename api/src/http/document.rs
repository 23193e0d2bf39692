//! Tables as a PDF: a title, what it covers, when it was made, and page numbers. Helvetica is one of the fonts that every
//! reader brings along, so none is embedded; it has the letters of Western Europe (WinAnsi), and no others.

use std::io::Write;

use chrono::{DateTime, Utc};
use flate2::{Compression, write::ZlibEncoder};
use image::{Rgba, RgbaImage};
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, Str, TextStr};

/// A4 on its side: reports are wide.
const WIDTH: f32 = 842.0;
const HEIGHT: f32 = 595.0;
const MARGIN: f32 = 40.0;
const LINE: f32 = 15.0;
const SIZE: f32 = 8.5;
/// Between the columns.
const GAP: f32 = 10.0;
/// Pages of one file: whoever has more asks for less.
const MAX_PAGES: usize = 500;

/// A logo at the head of the first page is at most that large, and keeps its proportions.
const LOGO: (f32, f32) = (150.0, 36.0);
/// Around a logo that stands on a plate.
const PLATE: f32 = 5.0;
/// What logos for dark grounds stand on.
const DARK: [u8; 3] = [21, 25, 34];
/// The line in the company's colour at the top of each page.
const STRIPE: f32 = 6.0;

const LOGO_NAME: Name = Name(b"L1");
const PLAIN: Name = Name(b"F1");
const BOLD: Name = Name(b"F2");

/// What stands in a place of a table, as people read it.
pub struct Text {
    pub text: String,
    /// Figures stand below each other by their last digit.
    pub is_figure: bool,
}

pub struct Table {
    pub title: String,
    pub head: Vec<Text>,
    pub rows: Vec<Vec<Text>>,
}

/// In whose name a document is.
#[derive(Default)]
pub struct Letterhead {
    pub name: String,
    /// Red, green and blue. Nothing is written on it or in it, so that any colour will do.
    pub accent: Option<[u8; 3]>,
    pub logo: Option<RgbaImage>,
    pub logo_on_dark: bool,
}

pub struct Document {
    pub title: String,
    pub letterhead: Letterhead,
    /// What it covers, and what its reader must know.
    pub notes: Vec<String>,
    /// At the foot of each page; nothing where it is empty.
    pub foot: String,
    pub made_at: DateTime<Utc>,
    pub tables: Vec<Table>,
}

impl Document {
    /// The file. None when it would have more pages than anybody reads.
    pub fn write(&self) -> Option<Vec<u8>> {
        let mut pages = Pages::default();
        pages.begin();
        pages.logo(&self.letterhead);
        pages.line(BOLD, 16.0, 22.0, &self.title);
        for note in &self.notes {
            pages.line(PLAIN, 9.0, 13.0, note);
        }
        let made = format!("Made on {}", self.made_at.format("%Y-%m-%d at %H:%M UTC"));
        pages.line(PLAIN, 9.0, 13.0, &made);
        for table in &self.tables {
            pages.table(table);
            if pages.contents.len() > MAX_PAGES {
                return None;
            }
        }
        Some(pages.file(self))
    }
}

/// Pages while they are filled, from the top down.
#[derive(Default)]
struct Pages {
    contents: Vec<Content>,
    /// Where the next line's foot stands.
    y: f32,
    /// Whether a letter could not be shown.
    has_unknown: bool,
}

impl Pages {
    fn begin(&mut self) {
        self.contents.push(Content::new());
        self.y = HEIGHT - MARGIN;
    }

    /// At the right of the first page's head, beside the title.
    fn logo(&mut self, letterhead: &Letterhead) {
        let (Some(logo), Some(content)) = (&letterhead.logo, self.contents.last_mut()) else {
            return;
        };
        let (width, height) = (logo.width() as f32, logo.height() as f32);
        let scale = (LOGO.0 / width).min(LOGO.1 / height);
        let (width, height) = (width * scale, height * scale);
        let (x, y) = (WIDTH - MARGIN - width, HEIGHT - MARGIN - height);
        content.save_state();
        if letterhead.logo_on_dark {
            fill(content, DARK);
            let (left, foot) = (x - PLATE, y - PLATE);
            content.rect(left, foot, width + 2.0 * PLATE, height + 2.0 * PLATE);
            content.fill_nonzero();
        }
        content.transform([width, 0.0, 0.0, height, x, y]);
        content.x_object(LOGO_NAME);
        content.restore_state();
    }

    fn fits(&self, height: f32) -> bool {
        // The page's number stands below the last line.
        self.y - height >= MARGIN + LINE
    }

    fn put(&mut self, font: Name, size: f32, x: f32, text: &str) {
        let (bytes, is_whole) = encoded(text);
        self.has_unknown |= !is_whole;
        let y = self.y;
        if let Some(content) = self.contents.last_mut() {
            show(content, font, size, (x, y), &bytes);
        }
    }

    fn line(&mut self, font: Name, size: f32, height: f32, text: &str) {
        self.y -= height;
        let text = fitting(text, size, WIDTH - 2.0 * MARGIN);
        self.put(font, size, MARGIN, &text);
    }

    fn table(&mut self, table: &Table) {
        let columns = columns(table);
        // A heading never stands alone at the foot of a page.
        if !self.fits(5.0 * LINE) {
            self.begin();
        } else {
            self.y -= LINE;
        }
        self.line(BOLD, 11.0, LINE + 2.0, &table.title);
        self.row(BOLD, &columns, &table.head);
        if table.rows.is_empty() {
            self.line(PLAIN, SIZE, LINE, "Nothing to show.");
        }
        for row in &table.rows {
            if !self.fits(LINE) {
                self.begin();
                let again = format!("{}, continued", table.title);
                self.line(BOLD, 11.0, LINE + 2.0, &again);
                self.row(BOLD, &columns, &table.head);
            }
            self.row(PLAIN, &columns, row);
        }
    }

    fn row(&mut self, font: Name, columns: &[(f32, f32)], cells: &[Text]) {
        self.y -= LINE;
        for ((x, width), cell) in columns.iter().zip(cells) {
            let text = fitting(&cell.text, SIZE, *width);
            let x = match cell.is_figure {
                true => x + width - width_of(&text, SIZE),
                false => *x,
            };
            self.put(font, SIZE, x, &text);
        }
        let (y, is_head) = (self.y - 4.0, font == BOLD);
        if let Some(content) = self.contents.last_mut() {
            content.set_line_width(if is_head { 0.8 } else { 0.3 });
            content.set_stroke_gray(if is_head { 0.3 } else { 0.8 });
            content
                .move_to(MARGIN, y)
                .line_to(WIDTH - MARGIN, y)
                .stroke();
        }
    }

    fn file(mut self, document: &Document) -> Vec<u8> {
        let mut next = 1;
        let mut new = || {
            next += 1;
            Ref::new(next - 1)
        };
        let (catalog, tree, info, plain, bold) = (new(), new(), new(), new(), new());
        let (logo, mask) = (new(), new());
        let ids: Vec<(Ref, Ref)> = self.contents.iter().map(|_| (new(), new())).collect();
        let mut pdf = Pdf::new();
        pdf.catalog(catalog)
            .pages(tree)
            .lang(TextStr("en"))
            .viewer_preferences()
            .display_doc_title(true);
        pdf.document_info(info)
            .title(TextStr(&document.title))
            .creator(TextStr("Employee Progress Tracker"));
        pdf.pages(tree)
            .kids(ids.iter().map(|(page, _)| *page))
            .count(i32::try_from(ids.len()).unwrap_or(i32::MAX));
        for (id, name) in [(plain, "Helvetica"), (bold, "Helvetica-Bold")] {
            pdf.type1_font(id)
                .base_font(Name(name.as_bytes()))
                .encoding_predefined(Name(b"WinAnsiEncoding"));
        }
        if let Some(pixels) = &document.letterhead.logo {
            draw(&mut pdf, (logo, mask), pixels);
        }
        let all = ids.len();
        for (number, (page, stream)) in ids.into_iter().enumerate() {
            let mut content = std::mem::replace(&mut self.contents[number], Content::new());
            if let Some(accent) = document.letterhead.accent {
                content.save_state();
                fill(&mut content, accent);
                content.rect(0.0, HEIGHT - STRIPE, WIDTH, STRIPE);
                content.fill_nonzero();
                content.restore_state();
            }
            self.foot(&mut content, number + 1, all, &document.foot);
            let mut sheet = pdf.page(page);
            sheet
                .media_box(Rect::new(0.0, 0.0, WIDTH, HEIGHT))
                .parent(tree)
                .contents(stream);
            let mut resources = sheet.resources();
            resources.fonts().pair(PLAIN, plain).pair(BOLD, bold);
            if number == 0 && document.letterhead.logo.is_some() {
                resources.x_objects().pair(LOGO_NAME, logo);
            }
            resources.finish();
            sheet.finish();
            pdf.stream(stream, &content.finish());
        }
        pdf.finish()
    }

    fn foot(&self, content: &mut Content, number: usize, all: usize, says: &str) {
        let y = MARGIN - 12.0;
        let number = format!("Page {number} of {all}");
        let x = WIDTH - MARGIN - width_of(&number, 8.0);
        show(content, PLAIN, 8.0, (x, y), &encoded(&number).0);
        let says = fitting(says, 8.0, WIDTH - 2.0 * MARGIN - 100.0);
        show(content, PLAIN, 8.0, (MARGIN, y), &encoded(&says).0);
        if self.has_unknown {
            let y = y - 10.0;
            let note = "A ? stands for letters that this kind of file cannot show; CSV and workbook have them.";
            show(content, PLAIN, 8.0, (MARGIN, y), &encoded(note).0);
        }
    }
}

fn fill(content: &mut Content, colour: [u8; 3]) {
    let [red, green, blue] = colour.map(|part| f32::from(part) / 255.0);
    content.set_fill_rgb(red, green, blue);
}

/// Writes the points, and beside them how much of each shows.
fn draw(pdf: &mut Pdf, (image, mask): (Ref, Ref), pixels: &RgbaImage) {
    let size = |side: u32| i32::try_from(side).unwrap_or(i32::MAX);
    let (width, height) = (size(pixels.width()), size(pixels.height()));
    let colours = pixels.pixels().flat_map(|Rgba([r, g, b, _])| [*r, *g, *b]);
    let packed_colours = packed(&colours.collect::<Vec<_>>());
    let packed_mask = packed(&pixels.pixels().map(|pixel| pixel.0[3]).collect::<Vec<_>>());
    let mut object = pdf.image_xobject(image, &packed_colours);
    object.filter(Filter::FlateDecode);
    object.width(width).height(height).bits_per_component(8);
    object.color_space().device_rgb();
    object.s_mask(mask);
    object.finish();
    let mut object = pdf.image_xobject(mask, &packed_mask);
    object.filter(Filter::FlateDecode);
    object.width(width).height(height).bits_per_component(8);
    object.color_space().device_gray();
    object.finish();
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut to = ZlibEncoder::new(Vec::new(), Compression::default());
    // Into memory nothing fails.
    let written = to.write_all(bytes).and_then(|()| to.finish());
    written.unwrap_or_default()
}

fn show(content: &mut Content, font: Name, size: f32, (x, y): (f32, f32), text: &[u8]) {
    content.begin_text();
    content.set_font(font, size);
    content.set_text_matrix([1.0, 0.0, 0.0, 1.0, x, y]);
    content.show(Str(text));
    content.end_text();
}

/// Where each column begins and how wide it is: as wide as its widest text, or less where all of them are too wide.
fn columns(table: &Table) -> Vec<(f32, f32)> {
    let widest = |place: usize| {
        let cells = table.rows.iter().chain([&table.head]);
        let widths = cells.filter_map(|row| row.get(place));
        // The head is bold, which is wider by a tenth at most.
        widths.fold(20.0_f32, |most, cell| {
            most.max(width_of(&cell.text, SIZE) * 1.1)
        })
    };
    let wanted: Vec<f32> = (0..table.head.len()).map(widest).collect();
    let gaps = GAP * wanted.len().saturating_sub(1) as f32;
    let there_is = WIDTH - 2.0 * MARGIN - gaps;
    let all: f32 = wanted.iter().sum();
    // What is left over is shared by all, so that lines end where columns do.
    let factor = there_is / all.max(1.0);
    let mut x = MARGIN;
    let mut columns = Vec::new();
    for width in wanted {
        columns.push((x, width * factor));
        x += width * factor + GAP;
    }
    columns
}

/// The text, or as much of it as there is room for.
fn fitting(text: &str, size: f32, width: f32) -> String {
    if width_of(text, size) <= width {
        return text.to_owned();
    }
    let mut short = String::new();
    for letter in text.chars() {
        short.push(letter);
        if width_of(&short, size) + width_of("…", size) > width {
            short.pop();
            break;
        }
    }
    short.push('…');
    short
}

/// In WinAnsi, with `?` for what it does not have, and whether all was there.
fn encoded(text: &str) -> (Vec<u8>, bool) {
    let mut is_whole = true;
    let bytes = text.chars().map(|letter| {
        letter_of(letter).unwrap_or_else(|| {
            is_whole = false;
            b'?'
        })
    });
    (bytes.collect(), is_whole)
}

fn letter_of(letter: char) -> Option<u8> {
    // What Windows-1252 has where Latin-1 has control characters.
    const OTHERS: [(char, u8); 27] = [
        ('€', 0x80),
        ('‚', 0x82),
        ('ƒ', 0x83),
        ('„', 0x84),
        ('…', 0x85),
        ('†', 0x86),
        ('‡', 0x87),
        ('ˆ', 0x88),
        ('‰', 0x89),
        ('Š', 0x8A),
        ('‹', 0x8B),
        ('Œ', 0x8C),
        ('Ž', 0x8E),
        ('‘', 0x91),
        ('’', 0x92),
        ('“', 0x93),
        ('”', 0x94),
        ('•', 0x95),
        ('–', 0x96),
        ('—', 0x97),
        ('˜', 0x98),
        ('™', 0x99),
        ('š', 0x9A),
        ('›', 0x9B),
        ('œ', 0x9C),
        ('ž', 0x9E),
        ('Ÿ', 0x9F),
    ];
    match u32::from(letter) {
        code @ (0x20..=0x7E | 0xA0..=0xFF) => u8::try_from(code).ok(),
        _ => OTHERS
            .iter()
            .find(|(known, _)| *known == letter)
            .map(|(_, byte)| *byte),
    }
}

/// Of Helvetica, in thousandths of its size: the letters from the space to the tilde.
const WIDTHS: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

fn width_of(text: &str, size: f32) -> f32 {
    let width = |letter: char| {
        let place = u32::from(letter).checked_sub(0x20);
        let place = place.and_then(|place| usize::try_from(place).ok());
        let known = place.and_then(|place| WIDTHS.get(place));
        // Few others are wider than this.
        known.copied().map_or(667.0, f32::from)
    };
    text.chars().map(width).sum::<f32>() * size / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &str) -> Text {
        Text {
            text: text.into(),
            is_figure: false,
        }
    }

    fn document(rows: usize, name: &str) -> Document {
        Document {
            title: "Usage".into(),
            letterhead: Letterhead::default(),
            notes: vec!["The last 30 days".into()],
            foot: "Acme, the last 30 days".into(),
            made_at: "2026-11-21T14:05:00Z".parse().unwrap(),
            tables: vec![Table {
                title: "Most active time".into(),
                head: vec![cell("Company"), cell("Minutes")],
                rows: (0..rows).map(|_| vec![cell(name), cell("12")]).collect(),
            }],
        }
    }

    fn text(file: &[u8]) -> String {
        file.iter().map(|byte| char::from(*byte)).collect()
    }

    #[test]
    fn pages_follow_each_other_and_are_numbered() {
        let file = text(&document(100, "Acme").write().unwrap());
        assert!(file.starts_with("%PDF-") && file.trim_end().ends_with("%%EOF"));
        let pages = file.matches("/Type /Page\n").count();
        assert!(pages >= 3, "{pages}");
        for number in 1..=pages {
            assert!(
                file.contains(&format!("(Page {number} of {pages})")),
                "{number}"
            );
        }
        assert_eq!(
            file.matches("(Company)").count(),
            pages,
            "each page has the head"
        );
        assert_eq!(file.matches("(Acme)").count(), 100);
        assert_eq!(file.matches("(Acme, the last 30 days)").count(), pages);
        assert!(file.contains("(Made on 2026-11-21 at 14:05 UTC)"));
        assert!(!file.contains("A ? stands for"));
        assert!(document(100_000, "Acme").write().is_none());
    }

    #[test]
    fn a_heading_never_stands_alone_at_the_foot_of_a_page() {
        for rows in 1..80 {
            let mut document = document(rows, "Acme");
            document.tables.push(Table {
                title: "Most storage".into(),
                head: vec![cell("Company"), cell("Bytes")],
                rows: (0..3).map(|_| vec![cell("Bolt"), cell("7")]).collect(),
            });
            let file = text(&document.write().unwrap());
            let pages = file.split("endstream").collect::<Vec<_>>();
            let with_heading = pages.iter().find(|page| page.contains("(Most storage)"));
            let below = with_heading.unwrap().matches("(Bolt)").count();
            assert!(below > 0, "after {rows} rows");
        }
    }

    #[test]
    fn a_company_is_known_by_its_logo_and_its_colour() {
        let plain = text(&document(100, "Acme").write().unwrap());
        assert!(!plain.contains("/XObject") && !plain.contains(" rg\n"));
        let mut own = document(100, "Acme");
        own.letterhead = Letterhead {
            name: "Acme".into(),
            accent: Some([255, 0, 51]),
            logo: Some(RgbaImage::from_pixel(300, 60, Rgba([255, 255, 255, 128]))),
            logo_on_dark: true,
        };
        let file = text(&own.write().unwrap());
        let pages = file.matches("/Type /Page\n").count();
        assert_eq!(
            file.matches("1 0 0.2 rg\n").count(),
            pages,
            "each page has the line"
        );
        // The points, how much of them shows, and the first page that has them.
        assert_eq!(file.matches("/Subtype /Image").count(), 2);
        assert_eq!(file.matches("/SMask").count(), 1);
        assert_eq!(file.matches("/L1 Do").count(), 1);
        assert!(
            file.contains("150 0 0 30 652 525 cm"),
            "as wide as it may be"
        );
        assert!(file.contains("647 520 160 40 re"), "on a plate");
        assert_eq!(file.matches("(Acme)").count(), 100);
    }

    #[test]
    fn letters_that_it_does_not_have_are_said_to_be_missing() {
        let file = text(&document(1, "東京 GmbH & Co").write().unwrap());
        assert!(file.contains("(?? GmbH & Co)"), "{file}");
        assert!(file.contains("A ? stands for letters"));
        let (bytes, is_whole) = encoded("(Söhne – “x”\n€");
        assert_eq!(bytes, b"(S\xf6hne \x96 \x93x\x94?\x80");
        assert!(!is_whole && encoded("Söhne").1);
    }

    #[test]
    fn what_is_too_long_is_cut_and_says_so() {
        let long = "m".repeat(500);
        let short = fitting(&long, SIZE, 100.0);
        assert!(short.ends_with('…') && width_of(&short, SIZE) <= 100.0);
        assert_eq!(fitting("short", SIZE, 100.0), "short");
        let table = Table {
            title: String::new(),
            head: (0..12).map(|_| cell("Column")).collect(),
            rows: vec![(0..12).map(|_| cell(&long)).collect()],
        };
        let columns = columns(&table);
        let (x, width) = columns[11];
        assert!(
            (x + width - (WIDTH - MARGIN)).abs() < 0.1,
            "all of them fit on the page"
        );
    }
}
