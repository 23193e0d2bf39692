//! Screens as one might have seen them: windows, lines and shapes, drawn here, without any letter.

use image::{RgbImage, imageops};

use super::dice::Dice;
use crate::tracking::screenshot::picture::Picture;

const WIDTH: u32 = 1280;
const HEIGHT: u32 = 800;
/// Of each kind of window.
const VARIANTS: u32 = 2;
const KINDS: [Kind; 6] = [
    Kind::Code,
    Kind::Terminal,
    Kind::Page,
    Kind::Mail,
    Kind::Sheet,
    Kind::Drawing,
];

type Colour = [u8; 3];
const PAPER: Colour = [250, 250, 248];
const INK: Colour = [70, 76, 88];
const FAINT: Colour = [214, 217, 222];
const NIGHT: Colour = [30, 34, 42];
const ACCENTS: [Colour; 5] = [
    [92, 142, 214],
    [98, 170, 120],
    [214, 158, 80],
    [190, 104, 120],
    [140, 120, 196],
];

#[derive(Clone, Copy)]
enum Kind {
    Code,
    Terminal,
    Page,
    Mail,
    Sheet,
    Drawing,
}

/// Which picture shows the application.
pub(super) fn showing(app: &str, dice: &mut Dice) -> usize {
    let kind = match app {
        "Code" => 0,
        "xterm" => 1,
        "Firefox" => 2,
        "Inkscape" | "GIMP" | "LibreOffice Impress" => 5,
        "LibreOffice Calc" | "LibreOffice Writer" => 4,
        _ => 3,
    };
    (kind * VARIANTS + dice.below(VARIANTS)) as usize
}

/// Every picture that `showing` names, blurred as a device would blur them if asked to.
pub(super) fn all(is_blurred: bool) -> Option<Vec<Picture>> {
    let mut pictures = Vec::new();
    for (number, kind) in KINDS.into_iter().enumerate() {
        for variant in 0..VARIANTS {
            let mut dice = Dice::new(&format!("picture {number} {variant}"));
            let mut screen = Screen::new(&mut dice);
            screen.window(kind, &mut dice);
            pictures.push(Picture::of_pixels(&screen.seen(is_blurred)?)?);
        }
    }
    Some(pictures)
}

/// Rows of pixels, painted a row at a time: even without optimisation that is quick.
struct Screen(Vec<u8>);

impl Screen {
    /// A desktop with a bar at its top.
    fn new(dice: &mut Dice) -> Self {
        let mut screen = Self(vec![0; (WIDTH * HEIGHT * 3) as usize]);
        let colour = accent(dice);
        for y in 0..HEIGHT {
            let shade = |channel: u8| (u32::from(channel) * (HEIGHT + y) / (3 * HEIGHT)) as u8;
            screen.fill((0, y, WIDTH, 1), colour.map(shade));
        }
        screen.fill((0, 0, WIDTH, 26), [24, 26, 30]);
        screen.line(12, 10, 60, [200, 202, 206]);
        screen.line(WIDTH / 2 - 40, 10, 80, [200, 202, 206]);
        screen
    }

    fn seen(self, is_blurred: bool) -> Option<RgbImage> {
        let sharp = RgbImage::from_raw(WIDTH, HEIGHT, self.0)?;
        if !is_blurred {
            return Some(sharp);
        }
        let small = imageops::thumbnail(&sharp, WIDTH / 20, HEIGHT / 20);
        let soft = imageops::FilterType::Triangle;
        Some(imageops::resize(&small, WIDTH, HEIGHT, soft))
    }

    fn fill(&mut self, (left, top, width, height): (u32, u32, u32, u32), colour: Colour) {
        let width = width.min(WIDTH.saturating_sub(left));
        let row = colour.repeat(width as usize);
        for y in top..(top + height).min(HEIGHT) {
            let at = ((y * WIDTH + left) * 3) as usize;
            if let Some(pixels) = self.0.get_mut(at..at + row.len()) {
                pixels.copy_from_slice(&row);
            }
        }
    }

    /// What a line of text looks like from afar.
    fn line(&mut self, left: u32, top: u32, width: u32, colour: Colour) {
        self.fill((left, top, width, 7), colour);
    }

    fn words(&mut self, dice: &mut Dice, (left, top): (u32, u32), width: u32, colour: Colour) {
        let mut at = left;
        while at < left + width {
            let word = dice.between(14, 64).min(left + width - at);
            self.line(at, top, word, colour);
            at += word + 8;
        }
    }

    fn disc(&mut self, (x, y): (u32, u32), radius: u32, colour: Colour) {
        for row in 0..=2 * radius {
            let far = row.abs_diff(radius);
            let half = (radius * radius - far * far).isqrt();
            let left = x.saturating_sub(half);
            self.fill(
                (left, (y + row).saturating_sub(radius), 2 * half + 1, 1),
                colour,
            );
        }
    }

    fn window(&mut self, kind: Kind, dice: &mut Dice) {
        let (left, top) = (dice.between(20, 90), dice.between(44, 80));
        let (width, height) = (
            WIDTH - left - dice.between(20, 120),
            HEIGHT - top - dice.between(20, 60),
        );
        let is_dark = matches!(kind, Kind::Code | Kind::Terminal);
        self.fill(
            (left, top, width, height),
            if is_dark { NIGHT } else { PAPER },
        );
        self.fill(
            (left, top, width, 34),
            if is_dark {
                [44, 49, 60]
            } else {
                [228, 230, 234]
            },
        );
        for (at, colour) in ACCENTS.into_iter().take(3).enumerate() {
            self.disc((left + 20 + 22 * at as u32, top + 17), 6, colour);
        }
        self.line(
            left + width / 2 - 70,
            top + 14,
            140,
            if is_dark { [150, 156, 168] } else { INK },
        );
        let inside = (left + 12, top + 46, width - 24, height - 58);
        match kind {
            Kind::Code => self.code(dice, inside),
            Kind::Terminal => self.terminal(dice, inside),
            Kind::Page => self.page(dice, inside),
            Kind::Mail => self.mail(dice, inside),
            Kind::Sheet => self.sheet(dice, inside),
            Kind::Drawing => self.drawing(dice, inside),
        }
    }

    fn code(&mut self, dice: &mut Dice, (left, top, width, height): (u32, u32, u32, u32)) {
        for row in 0..height / 26 {
            self.line(
                left + 8 + 12 * dice.below(3),
                top + row * 26,
                dice.between(50, 120),
                [96, 104, 120],
            );
        }
        self.fill((left + 180, top, 1, height), [60, 66, 78]);
        let mut depth = 0;
        for row in 0..height / 18 {
            depth = (depth + dice.below(3)).saturating_sub(1).min(6);
            let mut at = left + 240 + depth * 28;
            self.line(left + 195, top + row * 18, 18, [70, 76, 90]);
            for _ in 0..dice.below(6) {
                let word = dice.between(16, 90);
                if at + word < left + width {
                    self.line(at, top + row * 18, word, accent(dice));
                }
                at += word + 9;
            }
        }
    }

    fn terminal(&mut self, dice: &mut Dice, (left, top, width, height): (u32, u32, u32, u32)) {
        for row in 0..height / 18 {
            let y = top + row * 18;
            if row % 9 == 0 {
                self.line(left, y, 90, ACCENTS[1]);
                self.line(left + 100, y, dice.between(60, 220), [220, 222, 226]);
            } else if dice.percent(85) {
                let length = dice.between(80, width * 3 / 4);
                self.words(dice, (left, y), length, [150, 156, 168]);
            }
        }
    }

    fn page(&mut self, dice: &mut Dice, (left, top, width, height): (u32, u32, u32, u32)) {
        self.fill((left, top, width, 24), [236, 238, 241]);
        self.line(left + 90, top + 8, width / 2, FAINT);
        self.fill((left, top + 34, width, 90), accent(dice));
        self.fill((left + 40, top + 64, 260, 22), PAPER);
        let column = width * 2 / 3 - 60;
        for row in 0..(height - 150) / 20 {
            if row % 7 == 6 {
                continue;
            }
            let (colour, length) = if row % 7 == 0 {
                (INK, column / 2)
            } else {
                (FAINT, column - dice.below(80))
            };
            self.words(dice, (left + 40, top + 146 + row * 20), length, colour);
        }
        for card in 0..(height - 150) / 150 {
            let y = top + 146 + card * 150;
            self.fill(
                (left + column + 80, y, width - column - 120, 96),
                accent(dice),
            );
            self.words(dice, (left + column + 80, y + 106), 160, FAINT);
        }
    }

    fn mail(&mut self, dice: &mut Dice, (left, top, width, height): (u32, u32, u32, u32)) {
        self.fill((left, top, 150, height), [238, 240, 243]);
        for row in 0..7 {
            self.line(left + 16, top + 14 + row * 28, dice.between(50, 110), INK);
        }
        for row in 0..height / 54 {
            let y = top + row * 54;
            if row == 2 {
                self.fill((left + 156, y, 310, 50), [222, 232, 246]);
            }
            self.disc((left + 180, y + 24), 12, accent(dice));
            self.line(left + 202, y + 10, dice.between(70, 140), INK);
            let length = dice.between(140, 240);
            self.words(dice, (left + 202, y + 28), length, FAINT);
        }
        self.line(left + 500, top + 16, 320, INK);
        for row in 0..(height - 80) / 22 {
            if row % 6 != 5 {
                let length = width - 560 - dice.below(120);
                self.words(dice, (left + 500, top + 56 + row * 22), length, FAINT);
            }
        }
    }

    fn sheet(&mut self, dice: &mut Dice, (left, top, width, height): (u32, u32, u32, u32)) {
        self.fill((left, top, width, 24), [226, 236, 228]);
        for row in 1..height / 24 {
            self.fill((left, top + row * 24, width, 1), FAINT);
            for column in 0..width / 110 {
                if dice.percent(62) {
                    let length = dice.between(20, 84);
                    self.line(
                        left + column * 110 + 100 - length,
                        top + row * 24 + 9,
                        length,
                        INK,
                    );
                }
            }
        }
        for column in 1..=width / 110 {
            self.fill((left + column * 110, top, 1, height), FAINT);
        }
        let (x, y) = (left + width / 2, top + height / 2);
        self.fill((x, y, 420, 250), [255, 255, 255]);
        for bar in 0..9 {
            let tall = dice.between(30, 210);
            self.fill((x + 24 + bar * 43, y + 230 - tall, 28, tall), ACCENTS[0]);
        }
    }

    fn drawing(&mut self, dice: &mut Dice, (left, top, width, height): (u32, u32, u32, u32)) {
        self.fill((left, top, 46, height), [226, 228, 232]);
        for tool in 0..height / 40 {
            self.fill((left + 12, top + 10 + tool * 40, 22, 22), [168, 172, 180]);
        }
        self.fill(
            (left + 110, top + 20, width - 330, height - 40),
            [255, 255, 255],
        );
        for _ in 0..14 {
            let at = (
                left + 180 + dice.below(width - 480),
                top + 80 + dice.below(height - 200),
            );
            match dice.percent(55) {
                true => self.disc(at, dice.between(12, 70), accent(dice)),
                false => self.fill(
                    (at.0, at.1, dice.between(30, 150), dice.between(10, 90)),
                    accent(dice),
                ),
            }
        }
        for (row, colour) in ACCENTS.into_iter().enumerate() {
            self.fill(
                (left + width - 190, top + 20 + 44 * row as u32, 34, 34),
                colour,
            );
            self.line(left + width - 146, top + 34 + 44 * row as u32, 110, FAINT);
        }
    }
}

fn accent(dice: &mut Dice) -> Colour {
    dice.pick(&ACCENTS).copied().unwrap_or(INK)
}
