//! A picture as it is kept. What was sent is only ever decoded, in bounds and one at a time; nothing of its bytes,
//! its comments or its place of origin is passed on.

use std::io::Cursor;

use actix_web::web::{Bytes, block};
use anyhow::Context;
use image::{DynamicImage, ImageFormat, ImageReader, Limits, RgbImage, imageops};
use tokio::sync::Semaphore;

use crate::http::error::Error;
use crate::{Result, secrets::sha256};

/// Of 8 bits in three colours a picture of that size takes 120 MB while it is coded.
const MAX_PIXELS: u64 = 40_000_000;
/// WebP knows no longer side.
const MAX_SIDE: u32 = 16_383;
const MAX_ALLOC: u64 = 256 * 1024 * 1024;
const QUALITY: f32 = 75.0;
const THUMBNAIL_WIDTH: u32 = 320;
/// One point of a blurred picture stands for a square of so many pixels of the screen, as devices blur: lines of text are
/// gone, and nothing that is left could be computed back.
const BLUR: u32 = 24;

/// Memory and cores are for everything else as well.
static ONE: Semaphore = Semaphore::const_new(1);
/// Small ones, which take milliseconds: they need not wait for a large one.
static SMALL: Semaphore = Semaphore::const_new(2);

/// Two WebP files, and what is known of the larger.
pub(crate) struct Picture {
    pub image: Vec<u8>,
    pub thumbnail: Vec<u8>,
    pub width: i32,
    pub height: i32,
    pub sha256: [u8; 32],
}

impl Picture {
    /// Blurred before anything of it is kept, where that is wanted.
    pub async fn code(image: Bytes, blurs: bool) -> Result<Self> {
        let code = if blurs { code_blurred } else { code };
        alone(move || code(image, MAX_PIXELS)).await
    }

    /// Codes what was never a file.
    pub(crate) fn of_pixels(pixels: &RgbImage) -> Option<Self> {
        let thumbnail = webp(&thumbnail(pixels))?;
        let image = webp(pixels)?;
        Some(Self {
            sha256: sha256(&image),
            width: i32::try_from(pixels.width()).ok()?,
            height: i32::try_from(pixels.height()).ok()?,
            image,
            thumbnail,
        })
    }
}

/// Codes what somebody sent as soon as nothing else is coded. None is a picture that is not taken.
pub(crate) async fn alone<T: Send + 'static>(
    code: impl FnOnce() -> Option<T> + Send + 'static,
) -> Result<T> {
    let _alone = ONE.acquire().await.map_err(anyhow::Error::from)?;
    block(code)
        .await
        .map_err(anyhow::Error::from)?
        .ok_or_else(|| Error::Rule("image_invalid".into()))
}

/// A stored thumbnail of a screen of that width, without anything that could be read. A browser stretches it again.
pub(crate) async fn blurred(thumbnail: Vec<u8>, width: i32) -> Result<Vec<u8>> {
    let _place = SMALL.acquire().await.map_err(anyhow::Error::from)?;
    let blurred = block(move || blur(&thumbnail, width.unsigned_abs()));
    let blurred = blurred.await.map_err(anyhow::Error::from)?;
    Ok(blurred.context("a stored thumbnail cannot be read")?)
}

fn blur(thumbnail: &[u8], width: u32) -> Option<Vec<u8>> {
    let pixels = decode(thumbnail, MAX_PIXELS)?;
    let points = (width / BLUR).clamp(1, pixels.width());
    let height = u64::from(pixels.height()) * u64::from(points) / u64::from(pixels.width());
    let height = u32::try_from(height).ok()?.max(1);
    webp(&imageops::thumbnail(&pixels, points, height))
}

/// The media type that the first bytes tell of, of the three that are taken.
pub(crate) fn media_type(bytes: &[u8]) -> Option<&'static str> {
    match image::guess_format(bytes).ok()? {
        format @ (ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP) => {
            Some(format.to_mime_type())
        }
        _ => None,
    }
}

/// Nothing when it is no picture of the three kinds, or has more pixels than that.
pub(crate) fn code(bytes: Bytes, most_pixels: u64) -> Option<Picture> {
    let pixels = decode(&bytes, most_pixels)?;
    drop(bytes);
    Picture::of_pixels(&pixels)
}

/// As large as it was, and without anything that could be read.
fn code_blurred(bytes: Bytes, most_pixels: u64) -> Option<Picture> {
    let pixels = decode(&bytes, most_pixels)?;
    drop(bytes);
    let (width, height) = pixels.dimensions();
    let points = imageops::thumbnail(&pixels, (width / BLUR).max(1), (height / BLUR).max(1));
    drop(pixels);
    let soft = imageops::resize(&points, width, height, imageops::FilterType::Triangle);
    Picture::of_pixels(&soft)
}

pub(crate) fn decode(bytes: &[u8], most_pixels: u64) -> Option<RgbImage> {
    Some(decode_any(bytes, most_pixels)?.into_rgb8())
}

/// The same in the colours that it came in.
pub(crate) fn decode_any(bytes: &[u8], most_pixels: u64) -> Option<DynamicImage> {
    let reader = || ImageReader::new(Cursor::new(bytes)).with_guessed_format();
    let (width, height) = reader().ok()?.into_dimensions().ok()?;
    if u64::from(width) * u64::from(height) > most_pixels {
        return None;
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_ALLOC);
    let mut reader = reader().ok()?;
    reader.limits(limits);
    reader.decode().ok()
}

fn thumbnail(pixels: &RgbImage) -> RgbImage {
    let (width, height) = pixels.dimensions();
    if width <= THUMBNAIL_WIDTH {
        return pixels.clone();
    }
    let height = u64::from(height) * u64::from(THUMBNAIL_WIDTH) / u64::from(width);
    imageops::thumbnail(
        pixels,
        THUMBNAIL_WIDTH,
        u32::try_from(height).unwrap_or(1).max(1),
    )
}

fn webp(pixels: &RgbImage) -> Option<Vec<u8>> {
    let encoder = webp::Encoder::from_rgb(pixels, pixels.width(), pixels.height());
    Some(encoder.encode_simple(false, QUALITY).ok()?.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        RgbImage::from_pixel(width, height, image::Rgb([200, 30, 30]))
            .write_to(&mut out, format)
            .unwrap();
        out.into_inner()
    }

    #[test]
    fn each_kind_becomes_webp_with_a_small_one_beside_it() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            let picture = code(file(640, 480, format).into(), MAX_PIXELS).unwrap();
            assert_eq!((picture.width, picture.height), (640, 480));
            assert_eq!(media_type(&picture.image), Some("image/webp"));
            let small = decode(&picture.thumbnail, MAX_PIXELS).unwrap();
            assert_eq!(small.dimensions(), (320, 240));
        }
    }

    #[test]
    fn what_is_blurred_before_it_is_kept_is_as_large_and_says_nothing() {
        let mut lines = RgbImage::from_pixel(960, 540, image::Rgb([255, 255, 255]));
        for (x, _, point) in lines.enumerate_pixels_mut() {
            if x % 4 < 2 {
                *point = image::Rgb([0, 0, 0]);
            }
        }
        let mut file = Cursor::new(Vec::new());
        lines.write_to(&mut file, ImageFormat::Png).unwrap();
        let file = Bytes::from(file.into_inner());
        let spread = |image: &[u8]| {
            let pixels = decode(image, MAX_PIXELS).unwrap();
            assert_eq!(pixels.dimensions(), (960, 540));
            let greys: Vec<u8> = pixels.pixels().map(|point| point.0[0]).collect();
            greys.iter().max().unwrap() - greys.iter().min().unwrap()
        };
        let sharp = code(file.clone(), MAX_PIXELS).unwrap();
        assert!(spread(&sharp.image) > 200);
        let soft = code_blurred(file, MAX_PIXELS).unwrap();
        assert!(spread(&soft.image) < 40, "{}", spread(&soft.image));
        assert_eq!((soft.width, soft.height), (960, 540));
    }

    #[test]
    fn what_is_blurred_has_no_lines_left() {
        let lines = RgbImage::from_fn(1280, 720, |_, y| {
            image::Rgb([if y / 4 % 2 == 0 { 0 } else { 255 }; 3])
        });
        let picture = Picture::of_pixels(&lines).unwrap();
        let contrast = |file: &[u8]| {
            let pixels = decode(file, MAX_PIXELS).unwrap();
            let values = || pixels.pixels().map(|pixel| pixel.0[0]);
            values().max().unwrap() - values().min().unwrap()
        };
        assert!(
            contrast(&picture.thumbnail) > 150,
            "a small one is no blurred one"
        );
        let soft = blur(&picture.thumbnail, 1280).unwrap();
        assert!(contrast(&soft) < 60, "{}", contrast(&soft));
        assert_eq!(decode(&soft, MAX_PIXELS).unwrap().dimensions(), (53, 29));
        assert!(blur(b"no picture", 1280).is_none());
    }

    #[test]
    fn a_picture_of_too_many_pixels_is_refused_by_its_header() {
        // A PNG that claims 100,000 × 100,000 pixels in a few bytes.
        let mut bomb = file(1, 1, ImageFormat::Png);
        bomb[16..20].copy_from_slice(&100_000u32.to_be_bytes());
        bomb[20..24].copy_from_slice(&100_000u32.to_be_bytes());
        assert!(code(bomb.into(), MAX_PIXELS).is_none());
        assert!(code(file(16_384, 1, ImageFormat::Png).into(), MAX_PIXELS).is_none());
    }

    #[test]
    fn what_breaks_off_or_is_no_picture_is_refused() {
        let whole = file(64, 64, ImageFormat::Png);
        assert!(code(whole[..whole.len() / 2].to_vec().into(), MAX_PIXELS).is_none());
        assert!(code(Bytes::from_static(b"<svg/>"), MAX_PIXELS).is_none());
        assert_eq!(media_type(b"GIF89a"), None);
    }
}
