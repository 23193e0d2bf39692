//! From a display's pixels to the file that is queued: blurred where the company asks, then JPEG,
//! never larger than the server takes.

use anyhow::{Result, bail};
use image::RgbImage;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::{self, FilterType};

/// What the server takes for one picture.
const MOST_BYTES: usize = 8 * 1024 * 1024;
/// One point of a blurred picture stands for a square of this many pixels: lines of text are gone.
const BLUR: u32 = 24;

pub fn encode(picture: RgbImage, blur: bool) -> Result<Vec<u8>> {
    let picture = if blur { blurred(&picture) } else { picture };
    for quality in [75, 50, 25] {
        let mut jpeg = Vec::new();
        JpegEncoder::new_with_quality(&mut jpeg, quality).encode_image(&picture)?;
        if jpeg.len() <= MOST_BYTES {
            return Ok(jpeg);
        }
    }
    bail!(
        "a picture of {} x {} does not fit into {MOST_BYTES} bytes",
        picture.width(),
        picture.height()
    )
}

/// Averages squares and stretches them again. Unlike a Gaussian blur it keeps nothing that could
/// be computed back, and it costs a fraction.
fn blurred(picture: &RgbImage) -> RgbImage {
    let (width, height) = picture.dimensions();
    let small = imageops::thumbnail(picture, (width / BLUR).max(1), (height / BLUR).max(1));
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

    fn contrast(jpeg: &[u8]) -> u8 {
        let picture = image::load_from_memory_with_format(jpeg, ImageFormat::Jpeg)
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
}
