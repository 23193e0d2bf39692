//! From a display's pixels to the file that is queued: blurred where the company asks, then WebP,
//! as small as a day of them needs.

pub mod moments;

use std::ffi::c_int;
use std::{ptr, slice};

use anyhow::{Result, bail, ensure};
use image::RgbImage;
use image::imageops::{self, FilterType};
use libwebp_sys::{WebPEncodeRGB, WebPFree};

/// What a picture of 1920 x 1080 may take; larger ones may take as much more as they have points.
const MOST_BYTES: usize = 300_000;
const POINTS: usize = 1920 * 1080;
/// What the server takes for one picture.
const MOST_SENT: usize = 8 * 1024 * 1024;
/// Tried from the left until a picture is small enough.
const QUALITIES: [f32; 4] = [60.0, 45.0, 30.0, 15.0];
/// One point of a blurred picture stands for a square of this many pixels: lines of text are gone.
const BLUR: u32 = 24;
/// No point of a black picture has more light than this.
const DARK: u8 = 8;
/// WebP knows no longer side.
const MAX_SIDE: u32 = 16_383;

/// What a server hands out for a screen that it hides from programs, or that is off.
pub fn is_black(picture: &RgbImage) -> bool {
    picture.as_raw().iter().all(|light| *light <= DARK)
}

pub fn encode(picture: RgbImage, blur: bool) -> Result<Vec<u8>> {
    let mut picture = if blur { blurred(picture) } else { picture };
    let (width, height) = picture.dimensions();
    if width == 0 || height == 0 || width.max(height) > MAX_SIDE {
        bail!("a picture of {width} x {height} cannot be kept");
    }
    let points = picture.as_raw().len() / 3;
    let most = (MOST_BYTES * points.max(POINTS) / POINTS).min(MOST_SENT);
    loop {
        for quality in QUALITIES {
            let webp = lossy(&picture, quality)?;
            if webp.len() <= most {
                return Ok(webp);
            }
        }
        // Noise, which no quality makes small.
        let half = |side: u32| (side / 2).max(1);
        picture = imageops::thumbnail(&picture, half(picture.width()), half(picture.height()));
    }
}

/// By libwebp's simplest call, which makes its own planes of the pixels at once. What the crate `webp` calls copies the whole
/// picture before, which is the most memory that the agent would ever take.
#[expect(unsafe_code, reason = "a library of C")]
fn lossy(picture: &RgbImage, quality: f32) -> Result<Vec<u8>> {
    let (width, height) = (
        c_int::try_from(picture.width())?,
        c_int::try_from(picture.height())?,
    );
    let mut coded = ptr::null_mut();
    // SAFETY: the picture is `height` rows of `width` times three bytes, and stays until the call is over.
    let size = unsafe {
        let pixels = picture.as_ptr();
        WebPEncodeRGB(pixels, width, height, 3 * width, quality, &mut coded)
    };
    ensure!(size > 0 && !coded.is_null(), "a picture could not be coded");
    // SAFETY: so many bytes are there, and nobody else's until they are given back.
    let webp = unsafe { slice::from_raw_parts(coded, size) }.to_vec();
    // SAFETY: it was libwebp that took them, and nothing points there any longer.
    unsafe { WebPFree(coded.cast()) };
    Ok(webp)
}

/// Averages squares and stretches them again. Unlike a Gaussian blur it keeps nothing that could
/// be computed back, and it costs a fraction.
fn blurred(picture: RgbImage) -> RgbImage {
    let (width, height) = picture.dimensions();
    let small = imageops::thumbnail(&picture, (width / BLUR).max(1), (height / BLUR).max(1));
    // Two whole ones would be the most memory that the agent ever takes.
    drop(picture);
    imageops::resize(&small, width, height, FilterType::Triangle)
}

#[cfg(test)]
mod tests {
    use image::{ImageFormat, Rgb};

    use super::*;

    /// Lines of one pixel, as fine as text.
    fn lines() -> RgbImage {
        RgbImage::from_fn(480, 240, |x, _| {
            if x % 2 == 0 {
                Rgb([0; 3])
            } else {
                Rgb([255; 3])
            }
        })
    }

    fn contrast(webp: &[u8]) -> u8 {
        let picture = image::load_from_memory_with_format(webp, ImageFormat::WebP)
            .unwrap()
            .to_luma8();
        let values = || picture.pixels().map(|pixel| pixel.0[0]);
        values().max().unwrap() - values().min().unwrap()
    }

    #[test]
    fn a_blurred_picture_keeps_its_size_and_no_detail() {
        let blurred = encode(lines(), true).unwrap();
        assert!(contrast(&encode(lines(), false).unwrap()) > 200);
        assert!(contrast(&blurred) < 20);
        assert_eq!(
            image::load_from_memory(&blurred)
                .unwrap()
                .to_rgb8()
                .dimensions(),
            (480, 240)
        );
    }

    /// Text of many windows: dark on light, in lines of words.
    fn written(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| {
            let letter = (x / 2).wrapping_mul(2_654_435_761) ^ (y / 3).wrapping_mul(40_503);
            match y % 20 < 12 && x % 53 < 46 && letter % 5 < 2 {
                true => Rgb([40; 3]),
                false => Rgb([250; 3]),
            }
        })
    }

    fn noise(width: u32, height: u32) -> RgbImage {
        let mut state = 1_u32;
        RgbImage::from_fn(width, height, |_, _| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            let [a, b, c, _] = state.to_le_bytes();
            Rgb([a, b, c])
        })
    }

    #[test]
    fn a_picture_takes_no_more_than_it_may_whatever_it_shows() {
        for (picture, is_whole) in [
            (written(1920, 1080), true),
            (noise(1920, 1080), false),
            (noise(300, 200), true),
        ] {
            let size = picture.dimensions();
            let webp = encode(picture, false).unwrap();
            assert!(webp.len() <= 300_000, "{size:?}: {} bytes", webp.len());
            let kept = image::load_from_memory(&webp).unwrap();
            assert_eq!((kept.width(), kept.height()) == size, is_whole, "{size:?}");
        }
    }

    #[test]
    fn quality_goes_down_only_where_it_must() {
        let plain = written(640, 360);
        let best = lossy(&plain, 60.0).unwrap();
        assert_eq!(encode(plain, false).unwrap(), best);
    }

    #[test]
    fn black_is_nothing_but_black() {
        let mut picture = RgbImage::from_pixel(100, 100, Rgb([5; 3]));
        assert!(is_black(&picture));
        picture.put_pixel(99, 99, Rgb([0, 40, 0]));
        assert!(!is_black(&picture));
    }
}
