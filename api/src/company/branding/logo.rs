//! A logo as it is kept. What was sent is only ever decoded, in bounds, and made as small as it is shown; nothing of its
//! bytes is passed on. Drawings that programs run (SVG) are not taken.

use actix_multipart::Multipart;
use actix_web::dev::Payload;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;
use image::{Rgba, RgbaImage, imageops};

use crate::Result;
use crate::http::error::Error;
use crate::tracking::screenshot::form::{self, Room};
use crate::tracking::screenshot::picture;

/// Of the file that is sent.
pub(crate) const MAX_FILE: usize = 1024 * 1024;
const MAX_PIXELS: u64 = 8_000_000;
/// Of what is kept: the table has the same.
pub(crate) const MAX_KEPT: usize = 64 * 1024;
/// Twice as large as it is shown at most, for screens with fine points and for paper. The smaller one is taken where the
/// larger takes too many bytes; it always fits, even without being packed at all.
pub(crate) const BOXES: [(u32, u32); 2] = [(480, 128), (240, 64)];
const QUALITY: f32 = 90.0;
const MAX_PARTS: usize = 4;
/// Relative luminance of the dark plate that logos for dark grounds stand on.
const DARK: f64 = 0.0098;

/// The form of an upload: `image` as a file.
pub(crate) struct LogoForm {
    pub image: Bytes,
    /// What the picture takes of the room, until it is stored.
    _room: Room,
}

impl FromRequest for LogoForm {
    type Error = Error;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let declared = form::declared_length(req);
        let form = Multipart::new(req.headers(), payload.take());
        Box::pin(async move { form::in_time(declared, MAX_FILE, read(form)).await })
    }
}

async fn read(mut form: Multipart) -> Result<LogoForm> {
    let (mut image, mut room) = (None, None);
    let mut parts = 0;
    while let Some(field) = form.next().await {
        let mut field = field.map_err(form::broken)?;
        parts += 1;
        match field.name() {
            _ if parts > MAX_PARTS => return Err(Error::Malformed("Too many parts.".into())),
            Some("image") if image.is_none() => {
                image = Some(form::picture(&mut field, MAX_FILE, &mut room).await?);
            }
            name => {
                let pointer = format!("/{}", name.unwrap_or_default());
                let detail = "The form has one part, the image";
                return Err(Error::invalid(&pointer, "unknown_field", detail));
            }
        }
    }
    let detail = "This part of the form is wanted";
    Ok(LogoForm {
        image: image.ok_or_else(|| Error::invalid("/image", "missing", detail))?,
        _room: room,
    })
}

/// A WebP file, and what is known of it.
#[derive(Debug)]
pub(crate) struct Logo {
    pub webp: Vec<u8>,
    pub width: i32,
    pub height: i32,
    pub on_dark: bool,
}

impl Logo {
    pub async fn code(image: Bytes) -> Result<Self> {
        picture::alone(move || code(&image, MAX_PIXELS)).await
    }

    pub fn of(pixels: &RgbaImage) -> Option<Self> {
        for within in BOXES {
            let small = shrunk(pixels, within);
            for lossless in [true, false] {
                let encoder = webp::Encoder::from_rgba(&small, small.width(), small.height());
                let webp = encoder.encode_simple(lossless, QUALITY).ok()?.to_vec();
                if webp.len() <= MAX_KEPT {
                    return Some(Self {
                        webp,
                        width: i32::try_from(small.width()).ok()?,
                        height: i32::try_from(small.height()).ok()?,
                        on_dark: is_for_dark(&small),
                    });
                }
            }
        }
        None
    }
}

/// Nothing when it is no picture of the three kinds, or has more pixels than that.
pub(crate) fn code(bytes: &[u8], most_pixels: u64) -> Option<Logo> {
    Logo::of(&picture::decode_any(bytes, most_pixels)?.into_rgba8())
}

/// A stored one as points.
pub(crate) fn pixels(stored: &[u8]) -> Option<RgbaImage> {
    Some(picture::decode_any(stored, MAX_PIXELS)?.into_rgba8())
}

/// Never larger than it is. Colours count by how much of them shows: what is transparent is often black, and would leave
/// a dark edge.
fn shrunk(pixels: &RgbaImage, (most_wide, most_high): (u32, u32)) -> RgbaImage {
    let (width, height) = pixels.dimensions();
    if width <= most_wide && height <= most_high {
        return pixels.clone();
    }
    let scaled = |side: u32, most: u32, of: u32| {
        let side = u64::from(side) * u64::from(most) / u64::from(of);
        u32::try_from(side).unwrap_or(1).max(1)
    };
    let by_width =
        u64::from(width) * u64::from(most_high) >= u64::from(height) * u64::from(most_wide);
    let (wide, high) = match by_width {
        true => (most_wide, scaled(height, most_wide, width)),
        false => (scaled(width, most_high, height), most_high),
    };
    let times =
        |value: u8, by: u8| u8::try_from(u32::from(value) * u32::from(by) / 255).unwrap_or(u8::MAX);
    let mut shown = pixels.clone();
    for Rgba([red, green, blue, alpha]) in shown.pixels_mut() {
        for part in [red, green, blue] {
            *part = times(*part, *alpha);
        }
    }
    let mut small = imageops::thumbnail(&shown, wide, high);
    let divided = |value: u8, by: u8| match by {
        0 => 0,
        by => u8::try_from((u32::from(value) * 255 / u32::from(by)).min(255)).unwrap_or(u8::MAX),
    };
    for Rgba([red, green, blue, alpha]) in small.pixels_mut() {
        for part in [red, green, blue] {
            *part = divided(*part, *alpha);
        }
    }
    small
}

/// Whether its drawing is light, on a ground that is not there: on white it would be lost.
fn is_for_dark(pixels: &RgbaImage) -> bool {
    let (mut shown, mut light) = (0.0, 0.0);
    for Rgba([red, green, blue, alpha]) in pixels.pixels() {
        let alpha = f64::from(*alpha) / 255.0;
        shown += alpha;
        light += alpha * luminance([*red, *green, *blue]);
    }
    let all = f64::from(pixels.width()) * f64::from(pixels.height());
    if shown > all * 0.95 || shown == 0.0 {
        return false;
    }
    let light = light / shown;
    let (on_white, on_dark) = (1.05 / (light + 0.05), (light + 0.05) / (DARK + 0.05));
    on_white < 2.0 && on_dark > on_white
}

/// Relative, as WCAG 2.2 defines it.
fn luminance(parts: [u8; 3]) -> f64 {
    let [red, green, blue] = parts.map(|part| {
        let part = f64::from(part) / 255.0;
        match part <= 0.04045 {
            true => part / 12.92,
            false => ((part + 0.055) / 1.055).powf(2.4),
        }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::ImageFormat;

    use super::*;

    fn file(pixels: &RgbaImage, format: ImageFormat) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        let image = image::DynamicImage::from(pixels.clone());
        match format {
            ImageFormat::Jpeg => image.into_rgb8().write_to(&mut out, format),
            _ => image.write_to(&mut out, format),
        }
        .unwrap();
        out.into_inner()
    }

    /// No two points alike, so that nothing can be packed.
    fn noise(width: u32, height: u32) -> RgbaImage {
        let mut state = 1_u32;
        RgbaImage::from_fn(width, height, |_, _| {
            Rgba(std::array::from_fn(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                state.to_be_bytes()[0]
            }))
        })
    }

    #[test]
    fn it_fits_whatever_is_drawn() {
        for (width, height) in [
            (1, 1),
            (480, 128),
            (3000, 200),
            (200, 3000),
            (4000, 1),
            (1, 4000),
        ] {
            for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
                let logo = code(&file(&noise(width, height), format), MAX_PIXELS).unwrap();
                assert!(logo.webp.len() <= MAX_KEPT, "{width} × {height}");
                assert_eq!(picture::media_type(&logo.webp), Some("image/webp"));
                let kept = pixels(&logo.webp).unwrap();
                let said = (logo.width.unsigned_abs(), logo.height.unsigned_abs());
                assert_eq!(kept.dimensions(), said);
                assert!(said.0 <= 480 && said.1 <= 128 && said.0 <= width && said.1 <= height);
            }
        }
    }

    #[test]
    fn what_is_transparent_stays_so_and_leaves_no_dark_edge() {
        // A red stripe on nothing, which is black where nobody sees it.
        let striped = RgbaImage::from_fn(1024, 256, |x, _| match x / 3 % 2 {
            0 => Rgba([230, 30, 30, 255]),
            _ => Rgba([0, 0, 0, 0]),
        });
        let logo = code(&file(&striped, ImageFormat::Png), MAX_PIXELS).unwrap();
        let kept = pixels(&logo.webp).unwrap();
        assert!(kept.pixels().any(|pixel| pixel.0[3] < 255));
        for Rgba([red, _, _, alpha]) in kept.pixels() {
            assert!(*alpha < 40 || *red > 200, "{red} at {alpha}");
        }
    }

    #[test]
    fn a_light_drawing_without_a_ground_is_for_a_dark_one() {
        let on_nothing = |colour: [u8; 3]| {
            let [red, green, blue] = colour;
            let drawn = RgbaImage::from_fn(200, 60, |x, _| match x < 100 {
                true => Rgba([red, green, blue, 255]),
                false => Rgba([0; 4]),
            });
            code(&file(&drawn, ImageFormat::Png), MAX_PIXELS)
                .unwrap()
                .on_dark
        };
        assert!(on_nothing([255, 255, 255]) && on_nothing([255, 240, 120]));
        assert!(
            !on_nothing([0, 0, 0]) && !on_nothing([200, 30, 30]) && !on_nothing([119, 119, 119])
        );
        let white = RgbaImage::from_pixel(200, 60, Rgba([255; 4]));
        assert!(
            !code(&file(&white, ImageFormat::Png), MAX_PIXELS)
                .unwrap()
                .on_dark
        );
    }

    #[test]
    fn what_is_too_large_breaks_off_or_is_no_picture_is_refused() {
        let mut bomb = file(&noise(1, 1), ImageFormat::Png);
        bomb[16..20].copy_from_slice(&100_000u32.to_be_bytes());
        bomb[20..24].copy_from_slice(&100_000u32.to_be_bytes());
        assert!(code(&bomb, MAX_PIXELS).is_none());
        let whole = file(&noise(64, 64), ImageFormat::Png);
        assert!(code(&whole, 64 * 64 - 1).is_none());
        assert!(code(&whole[..whole.len() / 2], MAX_PIXELS).is_none());
        assert!(code(b"<svg xmlns='http://www.w3.org/2000/svg'/>", MAX_PIXELS).is_none());
    }
}
