//! Tables as a PDF: a title, what it covers, when it was made, and page numbers. Its letters are embedded: those of languages
//! that are written in Latin, Greek or Cyrillic; for others stands a `?`, and the pages say so.

mod face;
#[cfg(test)]
#[path = "../../../tests/api/paper.rs"]
mod paper;

use std::borrow::Cow;
use std::io::Write;

use chrono::{DateTime, Utc};
use flate2::{Compression, write::ZlibEncoder};
use image::{Rgba, RgbaImage};
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, Str, TextStr};

use self::face::{Face, composed};

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
    pub fn write(&self) -> anyhow::Result<Option<Vec<u8>>> {
        let mut pages = Pages::begin(self.letterhead.accent)?;
        pages.logo(&self.letterhead);
        pages.line(Style::Bold, 16.0, 22.0, &self.title);
        for note in &self.notes {
            pages.line(Style::Plain, 9.0, 13.0, note);
        }
        let made = format!("Made on {}", self.made_at.format("%Y-%m-%d at %H:%M UTC"));
        pages.line(Style::Plain, 9.0, 13.0, &made);
        for table in &self.tables {
            pages.table(table);
            if pages.are_too_many() {
                return Ok(None);
            }
        }
        pages.file(self).map(Some)
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Style {
    Plain,
    Bold,
}

impl Style {
    fn name(self) -> Name<'static> {
        match self {
            Self::Plain => Name(b"F1"),
            Self::Bold => Name(b"F2"),
        }
    }
}

/// Pages while they are filled, from the top down.
struct Pages {
    plain: Face,
    bold: Face,
    accent: Option<[u8; 3]>,
    /// The full ones, packed.
    full: Vec<Vec<u8>>,
    content: Content,
    /// Where the next line's foot stands.
    y: f32,
}

impl Pages {
    fn begin(accent: Option<[u8; 3]>) -> anyhow::Result<Self> {
        let mut pages = Self {
            plain: Face::regular()?,
            bold: Face::bold()?,
            accent,
            full: Vec::new(),
            content: Content::new(),
            y: 0.0,
        };
        pages.top();
        Ok(pages)
    }

    fn top(&mut self) {
        self.y = HEIGHT - MARGIN;
        if let Some(accent) = self.accent {
            self.content.save_state();
            fill(&mut self.content, accent);
            self.content.rect(0.0, HEIGHT - STRIPE, WIDTH, STRIPE);
            self.content.fill_nonzero();
            self.content.restore_state();
        }
    }

    fn turn(&mut self) {
        self.put_away();
        self.top();
    }

    fn put_away(&mut self) {
        let content = std::mem::replace(&mut self.content, Content::new());
        self.full.push(packed(&content.finish()));
    }

    fn are_too_many(&self) -> bool {
        self.full.len() >= MAX_PAGES
    }

    fn face(&self, style: Style) -> &Face {
        match style {
            Style::Plain => &self.plain,
            Style::Bold => &self.bold,
        }
    }

    /// At the right of the first page's head, beside the title.
    fn logo(&mut self, letterhead: &Letterhead) {
        let Some(logo) = &letterhead.logo else {
            return;
        };
        let content = &mut self.content;
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

    /// Text that is `composed`.
    fn put(&mut self, style: Style, size: f32, at: (f32, f32), text: &str) {
        let face = match style {
            Style::Plain => &mut self.plain,
            Style::Bold => &mut self.bold,
        };
        let text = face.encode(text);
        show(&mut self.content, style, size, at, &text);
    }

    fn line(&mut self, style: Style, size: f32, height: f32, text: &str) {
        self.y -= height;
        let text = fitting(self.face(style), text, size, WIDTH - 2.0 * MARGIN);
        self.put(style, size, (MARGIN, self.y), &text);
    }

    fn table(&mut self, table: &Table) {
        let columns = self.columns(table);
        // A heading never stands alone at the foot of a page.
        if !self.fits(5.0 * LINE) {
            self.turn();
        } else {
            self.y -= LINE;
        }
        self.line(Style::Bold, 11.0, LINE + 2.0, &table.title);
        self.row(Style::Bold, &columns, &table.head);
        if table.rows.is_empty() {
            self.line(Style::Plain, SIZE, LINE, "Nothing to show.");
        }
        for row in &table.rows {
            if !self.fits(LINE) {
                self.turn();
                if self.are_too_many() {
                    return;
                }
                let again = format!("{} (continued)", table.title);
                self.line(Style::Bold, 11.0, LINE + 2.0, &again);
                self.row(Style::Bold, &columns, &table.head);
            }
            self.row(Style::Plain, &columns, row);
        }
    }

    fn row(&mut self, style: Style, columns: &[(f32, f32)], cells: &[Text]) {
        self.y -= LINE;
        for ((x, width), cell) in columns.iter().zip(cells) {
            let face = self.face(style);
            let text = fitting(face, &cell.text, SIZE, *width);
            let x = match cell.is_figure {
                true => x + width - face.width(&text, SIZE),
                false => *x,
            };
            self.put(style, SIZE, (x, self.y), &text);
        }
        let (y, is_head) = (self.y - 4.0, style == Style::Bold);
        let content = &mut self.content;
        content.set_line_width(if is_head { 0.8 } else { 0.3 });
        content.set_stroke_gray(if is_head { 0.3 } else { 0.8 });
        content
            .move_to(MARGIN, y)
            .line_to(WIDTH - MARGIN, y)
            .stroke();
    }

    /// Where each column begins and how wide it is: as wide as its widest text. Where there is no room for all of them the
    /// widest give way, so that a figure stays whole as long as a name can be cut instead.
    fn columns(&self, table: &Table) -> Vec<(f32, f32)> {
        let widest = |(place, head): (usize, &Text)| {
            let head = self.bold.width(&composed(&head.text), SIZE);
            let cells = table.rows.iter().filter_map(|row| row.get(place));
            cells.fold(head.max(20.0), |most, cell| {
                most.max(self.plain.width(&composed(&cell.text), SIZE))
            })
        };
        let wanted: Vec<f32> = table.head.iter().enumerate().map(widest).collect();
        let gaps = GAP * wanted.len().saturating_sub(1) as f32;
        let there_is = WIDTH - 2.0 * MARGIN - gaps;
        let most = most_of_each(&wanted, there_is);
        let all: f32 = wanted.iter().map(|width| width.min(most)).sum();
        // What is left over is shared by all, so that lines end where columns do. Sums of fractions may fall short of one,
        // and what fits exactly is not to be cut for it.
        let factor = (there_is / all.max(1.0)).max(1.0);
        let mut x = MARGIN;
        let mut columns = Vec::new();
        for width in wanted {
            let width = width.min(most) * factor;
            columns.push((x, width));
            x += width + GAP;
        }
        columns
    }

    fn file(mut self, document: &Document) -> anyhow::Result<Vec<u8>> {
        self.put_away();
        let mut next = 1;
        let mut new = || {
            next += 1;
            Ref::new(next - 1)
        };
        let (catalog, tree, info, plain, bold) = (new(), new(), new(), new(), new());
        let (logo, mask) = (new(), new());
        let ids: Vec<[Ref; 3]> = self.full.iter().map(|_| [new(), new(), new()]).collect();
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
            .kids(ids.iter().map(|[page, ..]| *page))
            .count(i32::try_from(ids.len()).unwrap_or(i32::MAX));
        if let Some(pixels) = &document.letterhead.logo {
            draw(&mut pdf, (logo, mask), pixels);
        }
        let all = ids.len();
        let pages = std::mem::take(&mut self.full);
        for (number, ([page, body, foot], content)) in ids.into_iter().zip(pages).enumerate() {
            let mut sheet = pdf.page(page);
            sheet
                .media_box(Rect::new(0.0, 0.0, WIDTH, HEIGHT))
                .parent(tree)
                .contents_array([body, foot]);
            let mut resources = sheet.resources();
            let mut fonts = resources.fonts();
            fonts.pair(Style::Plain.name(), plain);
            fonts.pair(Style::Bold.name(), bold);
            fonts.finish();
            if number == 0 && document.letterhead.logo.is_some() {
                resources.x_objects().pair(LOGO_NAME, logo);
            }
            resources.finish();
            sheet.finish();
            pdf.stream(body, &content).filter(Filter::FlateDecode);
            let content = self.foot(number + 1, all, &document.foot);
            pdf.stream(foot, &content).filter(Filter::FlateDecode);
        }
        // Only now it is known which letters they have.
        self.plain.write(&mut pdf, plain, &mut new)?;
        self.bold.write(&mut pdf, bold, &mut new)?;
        Ok(pdf.finish())
    }

    /// Written when all pages are full: how many there are, and whether all letters could be shown.
    fn foot(&mut self, number: usize, all: usize, says: &str) -> Vec<u8> {
        let y = MARGIN - 12.0;
        let number = format!("Page {number} of {all}");
        let x = WIDTH - MARGIN - self.plain.width(&number, 8.0);
        self.put(Style::Plain, 8.0, (x, y), &number);
        let says = fitting(&self.plain, says, 8.0, WIDTH - 2.0 * MARGIN - 100.0);
        self.put(Style::Plain, 8.0, (MARGIN, y), &says);
        if self.plain.has_unknown || self.bold.has_unknown {
            let note = "A ? stands for letters that this kind of file cannot show; CSV and workbook have them.";
            self.put(Style::Plain, 8.0, (MARGIN, y - 10.0), note);
        }
        let content = std::mem::replace(&mut self.content, Content::new());
        packed(&content.finish())
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

fn show(content: &mut Content, style: Style, size: f32, (x, y): (f32, f32), text: &[u8]) {
    content.begin_text();
    content.set_font(style.name(), size);
    content.set_text_matrix([1.0, 0.0, 0.0, 1.0, x, y]);
    content.show(Str(text));
    content.end_text();
}

/// How wide a column may be where there is less room than they want: with it they fill the room.
fn most_of_each(wanted: &[f32], there_is: f32) -> f32 {
    let mut narrow_first = wanted.to_vec();
    narrow_first.sort_by(f32::total_cmp);
    let mut left = there_is;
    for (place, width) in narrow_first.iter().enumerate() {
        let share = left / (narrow_first.len() - place) as f32;
        if *width > share {
            return share;
        }
        left -= width;
    }
    f32::INFINITY
}

/// The text, or as much of it as there is room for.
fn fitting<'a>(face: &Face, text: &'a str, size: f32, width: f32) -> Cow<'a, str> {
    let text = composed(text);
    if face.width(&text, size) <= width {
        return text;
    }
    let room = width - face.width("…", size);
    let mut taken = 0.0;
    let letters = text.chars().take_while(|letter| {
        taken += face.advance(*letter, size);
        taken <= room
    });
    let mut short: String = letters.collect();
    short.push('…');
    short.into()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use read_fonts::types::GlyphId;
    use read_fonts::{FontRef, TableProvider};

    use super::paper::{Paper, Said};
    use super::*;

    fn cell(text: &str) -> Text {
        Text {
            text: text.into(),
            is_figure: false,
        }
    }

    fn figure(text: &str) -> Text {
        Text {
            text: text.into(),
            is_figure: true,
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

    fn file(document: &Document) -> Vec<u8> {
        document.write().unwrap().unwrap()
    }

    fn paper(document: &Document) -> Paper {
        Paper::read(&file(document))
    }

    #[test]
    fn pages_follow_each_other_and_are_numbered() {
        let paper = paper(&document(100, "Acme"));
        let pages = paper.drawn.len();
        assert!(pages >= 3, "{pages}");
        for number in 1..=pages {
            let number = format!("Page {number} of {pages}");
            assert_eq!(paper.count(&number), 1, "{number}");
        }
        assert_eq!(paper.count("Company"), pages, "each page has the head");
        let is_head = |said: &&Said| said.text == "Company";
        let mut heads = paper.said.iter().filter(is_head);
        assert!(heads.all(|head| head.font == "/F2"), "in bold");
        let again = paper.count("Most active time (continued)");
        assert_eq!(again, pages - 1, "and all but the first say so");
        assert_eq!(paper.count("Acme"), 100);
        assert_eq!(paper.count("Acme, the last 30 days"), pages);
        assert_eq!(paper.count("Made on 2026-11-21 at 14:05 UTC"), 1);
        assert!(!paper.begins("A ? stands for"));
    }

    #[test]
    fn a_file_has_as_many_pages_as_somebody_reads() {
        let paper = paper(&document(100, "Acme"));
        let on = |page: usize| {
            let here = paper.said.iter().filter(|said| said.page == page);
            here.filter(|said| said.text == "Acme").count()
        };
        let most = on(0) + (MAX_PAGES - 1) * on(1);
        let full = file(&document(most, "Acme"));
        let count = format!("/Count {MAX_PAGES}\n");
        assert!(String::from_utf8_lossy(&full).contains(&count));
        assert!(document(most + 1, "Acme").write().unwrap().is_none());
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
            let paper = paper(&document);
            let is = |text: &'static str| move |said: &&Said| said.text == text;
            let heading = paper.said.iter().find(is("Most storage")).unwrap();
            let mut below = paper.said.iter().filter(is("Bolt"));
            assert!(
                below.any(|said| said.page == heading.page),
                "after {rows} rows"
            );
        }
    }

    #[test]
    fn a_company_is_known_by_its_logo_and_its_colour() {
        let latin = |file: &[u8]| String::from_utf8_lossy(file).into_owned();
        let plain = file(&document(100, "Acme"));
        assert!(!latin(&plain).contains("/XObject"));
        let drawn = Paper::read(&plain).drawn.join("\n");
        assert!(!drawn.contains(" rg\n"));
        let mut own = document(100, "Acme");
        own.letterhead = Letterhead {
            name: "Acme".into(),
            accent: Some([255, 0, 51]),
            logo: Some(RgbaImage::from_pixel(300, 60, Rgba([255, 255, 255, 128]))),
            logo_on_dark: true,
        };
        let own = file(&own);
        // The points, how much of them shows, and the first page that has them.
        let all = latin(&own);
        assert_eq!(all.matches("/Subtype /Image").count(), 2);
        assert_eq!(all.matches("/SMask").count(), 1);
        let paper = Paper::read(&own);
        for page in &paper.drawn {
            assert_eq!(
                page.matches("1 0 0.2 rg\n0 589 842 6 re").count(),
                1,
                "each page has the line"
            );
        }
        let (first, others) = paper.drawn.split_first().unwrap();
        assert!(first.contains("/L1 Do") && !others.concat().contains("/L1 Do"));
        assert!(
            first.contains("150 0 0 30 652 525 cm"),
            "as wide as it may be"
        );
        assert!(first.contains("647 520 160 40 re"), "on a plate");
        assert_eq!(paper.count("Acme"), 100);
    }

    /// What is on the keyboards of Europe, Central Asia, West Africa and Vietnam, and what programs write.
    const NAMES: [&str; 12] = [
        "Zażółć gęślą jaźń, Łódź",
        "Příliš žluťoučký kůň",
        "Ελλάδα, Οδυσσέας",
        "Привет, Объём",
        "Київ, Їжак, Ґудзик",
        "Қазақстан, Әлия",
        "Iğdır, İstanbul, Şişli",
        "Nguyễn Thị Ánh, Đặng Hữu Phước",
        "Ștefan, Țăndărei",
        "Þórður, Ægir, Ŋ, Ẹ̀kọ́",
        "„a” «b» ‘c’ – — … • ™ № §",
        "€ £ ₴ ₽ ₺ ₸ ₫ ₹ ₿ −1",
    ];

    #[test]
    fn names_of_many_languages_are_shown_and_can_be_searched() {
        for name in NAMES {
            let mut document = document(1, name);
            document.title = name.into();
            let paper = paper(&document);
            assert_eq!(paper.count(&composed(name)), 2, "{name}: {}", paper.text());
            assert!(!paper.begins("A ? stands for"), "{name}");
        }
        let apart = "Nguye\u{302}\u{303}n, Z\u{307}o\u{301}łw, И\u{306}од";
        let paper = paper(&document(1, apart));
        assert_eq!(paper.count("Nguyễn, Żółw, Йод"), 1, "{}", paper.text());
    }

    #[test]
    fn letters_that_it_does_not_have_are_said_to_be_missing() {
        for (name, shown) in [
            ("東京 GmbH & Co", "?? GmbH & Co"),
            ("عمر Omar", "??? Omar"),
            ("דוד", "???"),
            ("a\tb\u{1F600}", "a?b?"),
        ] {
            let mut document = document(100, name);
            let paper = paper(&document);
            assert_eq!(paper.count(shown), 100, "{}", paper.text());
            let note = "A ? stands for letters that this kind of file cannot show; CSV and workbook have them.";
            assert_eq!(paper.count(note), paper.drawn.len(), "on each page");
            // In a heading as well, which is bold.
            document.tables[0].rows.clear();
            document.title = name.into();
            assert_eq!(super::tests::paper(&document).count(note), 1);
        }
    }

    /// What the file says how wide its letters are is what the drawings in it are.
    #[test]
    fn what_is_embedded_is_what_is_shown() {
        let name = NAMES.join(" ");
        let mut document = document(1, "Łódź");
        document.notes = NAMES.map(str::to_owned).into();
        document.title = name.clone();
        let written = file(&document);
        let paper = Paper::read(&written);
        for font in paper.fonts.values() {
            let embedded = FontRef::new(&font.file).unwrap();
            let metrics = embedded.hmtx().unwrap();
            for (code, width) in (0_u32..).zip(&font.widths) {
                let advance = metrics.advance(GlyphId::new(code)).unwrap();
                assert_eq!(f32::from(advance), *width, "{code} of {}", font.name);
            }
            let (places, drawings) = (embedded.loca(None).unwrap(), embedded.glyf().unwrap());
            for (code, letter) in &font.letters {
                let drawing = places.get_glyf(GlyphId::from(*code), &drawings).unwrap();
                assert_eq!(drawing.is_none(), letter.is_whitespace(), "{letter:?}");
            }
            // The parts that letters are put together from come with them.
            let all = usize::from(embedded.maxp().unwrap().num_glyphs());
            assert!(all < 2 * font.letters.len(), "{all} glyphs");
        }
        let names: BTreeSet<&str> = paper.fonts.values().map(|font| &*font.name).collect();
        assert!(names.iter().any(|name| name.ends_with("+NotoSans-Regular")));
        assert!(names.iter().any(|name| name.ends_with("+NotoSans-Bold")));
        let few = file(&super::tests::document(1, "Acme"));
        assert!(few.len() < 20_000, "{}", few.len());
        assert!(written.len() < 60_000, "{}", written.len());
        let few = Paper::read(&few);
        let others = few.fonts.values().any(|font| names.contains(&*font.name));
        assert!(!others, "another part has another name");
    }

    #[test]
    fn every_letter_has_a_drawing_of_its_own() {
        let (plain, bold) = (Face::regular().unwrap(), Face::bold().unwrap());
        assert_eq!(plain.letters(), bold.letters());
        assert_eq!(plain.letters().len(), plain.drawings().len());
        assert_eq!(bold.letters().len(), bold.drawings().len());
    }

    fn wide(name: &str, figures: usize) -> Document {
        let mut wide = document(0, "");
        let head = (0..figures).map(|_| figure("Είσοδος"));
        wide.tables[0].head = [cell("Employee")].into_iter().chain(head).collect();
        wide.tables[0].rows = ["1 111,11 zł", "Ø 27", "1,234,567.00 €"]
            .map(|text| {
                let row = (0..figures).map(|_| figure(text));
                [cell(name)].into_iter().chain(row).collect()
            })
            .into();
        wide
    }

    #[test]
    fn figures_end_where_their_column_ends() {
        let paper = paper(&wide("Łucja", 4));
        let ends = |text: &str| {
            let said = paper.said.iter().filter(|said| said.text == text);
            said.map(|said| said.at.0 + said.width).collect::<Vec<_>>()
        };
        let heads = ends("Είσοδος");
        assert_eq!(heads.len(), 4);
        assert!((heads[3] - (WIDTH - MARGIN)).abs() < 0.05, "{heads:?}");
        for text in ["1 111,11 zł", "Ø 27", "1,234,567.00 €"] {
            for (end, head) in ends(text).into_iter().zip(&heads) {
                assert!((end - head).abs() < 0.05, "{text}: {end}, {head}");
            }
        }
    }

    #[test]
    fn what_is_too_long_is_cut_and_says_so() {
        let face = Face::regular().unwrap();
        for letter in ["m", "Щ", "ễ", "東"] {
            let short = fitting(&face, &letter.repeat(500), SIZE, 100.0).into_owned();
            let width = face.width(&short, SIZE);
            assert!(short.ends_with('…'), "{short}");
            assert!(width <= 100.0 && width > 85.0, "{letter}: {width}");
        }
        assert_eq!(fitting(&face, "short", SIZE, 100.0), "short");
        let exact = face.width("Żółw", SIZE);
        assert_eq!(fitting(&face, "Żółw", SIZE, exact), "Żółw");

        let long = "Щ".repeat(500);
        let paper = paper(&wide(&long, 8));
        for whole in ["Είσοδος", "1,234,567.00 €"] {
            assert_eq!(paper.count(whole), 8, "names give way to figures");
        }
        let names = |said: &&Said| said.text.starts_with('Щ');
        for name in paper.said.iter().filter(names) {
            let next =
                (paper.said.iter()).find(|said| said.at.1 == name.at.1 && said.at.0 > MARGIN);
            assert!(name.text.ends_with('…') && name.at.0 + name.width < next.unwrap().at.0);
        }

        let mut all = wide(&long, 0);
        all.tables[0].head = (0..12).map(|_| cell("Column")).collect();
        all.tables[0].rows = vec![(0..12).map(|_| cell(&long)).collect()];
        let paper = super::tests::paper(&all);
        let mut end = 0.0;
        for said in paper.said.iter().filter(names) {
            assert!(said.at.0 > end, "they stand beside each other");
            end = said.at.0 + said.width;
            assert!(end <= WIDTH - MARGIN + 0.05, "all of them fit on the page");
        }
        assert_eq!(paper.said.iter().filter(names).count(), 12);
    }
}
