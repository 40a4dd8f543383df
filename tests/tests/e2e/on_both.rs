//! One test over both databases.

/// Makes a test of each function: over PostgreSQL with a fleet, and over SQLite with `mega-sync`.
macro_rules! on_both {
    ($($test:ident,)*) => {
        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() -> anyhow::Result<()> {
                    let site = tests::Site::fleet().await?;
                    super::$test(&site).await?;
                    site.remove().await
                }
            )*
        }
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() -> anyhow::Result<()> {
                    let site = tests::Site::standalone().await?;
                    super::$test(&site).await?;
                    site.remove().await
                }
            )*
        }
    };
}
pub(crate) use on_both;
