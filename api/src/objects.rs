//! Where images are kept: a local folder, or an S3-compatible store. Keys are made here and never reach a client.

use std::fs::File;
use std::io::Read;
use std::sync::Arc;

use actix_web::web::Bytes;
use anyhow::Context;
use chrono::{DateTime, Datelike, Utc};
use futures_util::{Stream, TryStreamExt};
use object_store::{
    ObjectStore, ObjectStoreExt, PutPayload, WriteMultipart, path::Path, prefix::PrefixStore,
};
use uuid::Uuid;

use crate::{Result, config::Config, secrets};

const PIECE: usize = 1 << 20;

/// The opened store.
#[derive(Clone)]
pub struct Objects(Arc<dyn ObjectStore>);

impl Objects {
    pub fn open(config: &Config) -> anyhow::Result<Self> {
        match config.object_store_url.as_deref() {
            Some(url) if url.starts_with("s3://") => Self::s3(config, url),
            Some(folder) => Self::folder(folder.as_ref()),
            None => Self::folder(&config.data_dir.join("objects")),
        }
    }

    fn folder(folder: &std::path::Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        let store = object_store::local::LocalFileSystem::new_with_prefix(folder)?
            .with_automatic_cleanup(true);
        Ok(Self(Arc::new(store)))
    }

    #[cfg(feature = "s3")]
    fn s3(config: &Config, url: &str) -> anyhow::Result<Self> {
        let (bucket, prefix) = url
            .trim_start_matches("s3://")
            .split_once('/')
            .unwrap_or((url.trim_start_matches("s3://"), ""));
        let mut builder = object_store::aws::AmazonS3Builder::new()
            .with_bucket_name(bucket)
            .with_region(config.aws_region.as_deref().unwrap_or("us-east-1"));
        if let Some(endpoint) = &config.aws_endpoint {
            builder = builder
                .with_endpoint(endpoint)
                .with_allow_http(endpoint.starts_with("http://"));
        }
        if let (Some(id), Some(secret)) = (&config.aws_access_key_id, &config.aws_secret_access_key)
        {
            builder = builder
                .with_access_key_id(id)
                .with_secret_access_key(secret);
        }
        Ok(Self(Arc::new(PrefixStore::new(builder.build()?, prefix))))
    }

    #[cfg(not(feature = "s3"))]
    fn s3(_: &Config, _: &str) -> anyhow::Result<Self> {
        anyhow::bail!("OBJECT_STORE_URL names S3, and this build leaves it out")
    }

    /// A key under the company's own prefix that nobody can guess: `c/<company>/<yyyy>/<mm>/<128 random bits>`.
    pub fn new_key(company: Uuid, at: DateTime<Utc>) -> anyhow::Result<String> {
        Ok(format!(
            "c/{company}/{:04}/{:02}/{}",
            at.year(),
            at.month(),
            secrets::hex(&secrets::random::<16>()?)
        ))
    }

    pub async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<()> {
        self.0
            .put(&Path::from(key), PutPayload::from(bytes))
            .await
            .map_err(anyhow::Error::from)?;
        Ok(())
    }

    /// The object, or nothing when it is gone.
    pub async fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        match self.0.get(&Path::from(key)).await {
            Ok(found) => Ok(Some(
                found.bytes().await.map_err(anyhow::Error::from)?.to_vec(),
            )),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(anyhow::Error::from(error).into()),
        }
    }

    /// The object's size in bytes, and its content as it is read.
    pub async fn read(
        &self,
        key: &str,
    ) -> Result<Option<(u64, impl Stream<Item = object_store::Result<Bytes>> + use<>)>> {
        match self.0.get(&Path::from(key)).await {
            Ok(found) => Ok(Some((found.meta.size, found.into_stream()))),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(anyhow::Error::from(error).into()),
        }
    }

    /// Puts a file piece by piece and returns its size in bytes. An object that was not put whole is not there.
    pub async fn put_file(&self, key: &str, mut file: File) -> Result<i64> {
        let path = Path::from(key);
        let upload = self.0.put_multipart(&path).await;
        let mut upload = WriteMultipart::new(upload.map_err(anyhow::Error::from)?);
        let bytes = match put_pieces(&mut upload, &mut file).await {
            Ok(bytes) => bytes,
            Err(error) => {
                drop(upload.abort().await);
                return Err(error.into());
            }
        };
        upload.finish().await.map_err(anyhow::Error::from)?;
        Ok(bytes)
    }

    /// Gone is gone: an object that is not there any more is no error.
    pub async fn delete(&self, key: &str) -> Result<()> {
        match self.0.delete(&Path::from(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(anyhow::Error::from(error).into()),
        }
    }

    /// What lies directly in a folder, for the inventory; the empty name is the whole store.
    pub async fn level(&self, folder: &str) -> anyhow::Result<Level> {
        let found = self
            .0
            .list_with_delimiter(Some(&Path::from(folder)))
            .await?;
        Ok(Level {
            folders: found.common_prefixes.iter().map(Path::to_string).collect(),
            objects: found
                .objects
                .iter()
                .map(|of| of.location.to_string())
                .collect(),
        })
    }

    /// Every object below a folder, with its size in bytes.
    pub async fn sizes(&self, folder: &str) -> Result<Vec<(String, u64)>> {
        let listed = self.0.list(Some(&Path::from(folder)));
        let all = listed.map_ok(|of| (of.location.to_string(), of.size));
        Ok(all.try_collect().await.map_err(anyhow::Error::from)?)
    }

    /// Every object below a folder.
    pub async fn below(&self, folder: &str) -> anyhow::Result<Vec<String>> {
        let listed = self.0.list(Some(&Path::from(folder)));
        Ok(listed
            .map_ok(|of| of.location.to_string())
            .try_collect()
            .await?)
    }
}

/// A few pieces are on their way while the next one is read.
async fn put_pieces(upload: &mut WriteMultipart, file: &mut File) -> anyhow::Result<i64> {
    let (mut bytes, mut piece) = (0, vec![0; PIECE]);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(bytes),
            read => {
                upload.wait_for_capacity(4).await?;
                upload.write(&piece[..read]);
                bytes += i64::try_from(read)?;
            }
        }
    }
}

/// For a worker thread, which may block.
pub fn wait<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)?;
    runtime.block_on(work)
}

pub struct Level {
    pub folders: Vec<String>,
    pub objects: Vec<String>,
}
