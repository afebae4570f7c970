//! Who is let in.

use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

use super::membership;
use crate::peers::handshake::{Membership, dial, listen};
use crate::secret::Secret;

/// What both ends make of each other; the dialler wants server 0.
async fn meet(dialler: &Membership, listener: &Membership) -> (Option<String>, Option<String>) {
    let (mut near, mut far) = duplex(1 << 16);
    let (dialled, heard) = tokio::join!(
        async {
            let dialled = dial(&mut near, dialler, chat::identity::ServerId(0)).await;
            // Whoever is refused goes.
            drop(near);
            dialled
        },
        async {
            let heard = listen(&mut far, listener).await;
            drop(far);
            heard
        },
    );
    (
        dialled.err().map(|refusal| refusal.to_string()),
        heard.err().map(|refusal| refusal.to_string()),
    )
}

#[tokio::test]
async fn servers_of_one_cluster_let_each_other_in() {
    assert_eq!(meet(&membership(1), &membership(0)).await, (None, None));
}

#[tokio::test]
async fn what_differs_is_said_on_the_side_that_dials() {
    let good = membership(1);
    let mut other_secret = good.clone();
    other_secret.secret = Secret([3; 32]);
    let mut other_cluster = good.clone();
    other_cluster.cluster = uuid::Uuid::from_u128(8);
    let mut other_settings = good.clone();
    other_settings.common = [9; 32];
    for (dialler, said) in [
        (&other_secret, "does not know the cluster's secret"),
        (&other_cluster, "another cluster"),
        (&other_settings, "settings differ"),
        (&membership(0), "does not expect server 0"),
        (&membership(3), "does not expect server 3"),
    ] {
        let (dialled, heard) = meet(dialler, &membership(0)).await;
        let dialled = dialled.expect("it is refused");
        assert!(dialled.contains(said), "{dialled}");
        assert!(heard.is_some());
    }
}

/// A handshake that somebody on the way wrote down, said again.
#[tokio::test]
async fn an_old_proof_is_worth_nothing() {
    let (me, to) = (membership(1), membership(0));
    let (mut dialler, mut way) = duplex(1 << 16);
    let (mut other_way, mut listener) = duplex(1 << 16);
    let relay = async {
        let (mut hello, mut challenge, mut proof) = (vec![0; 82], vec![0; 91], vec![0; 32]);
        way.read_exact(&mut hello).await?;
        other_way.write_all(&hello).await?;
        other_way.read_exact(&mut challenge).await?;
        way.write_all(&challenge).await?;
        way.read_exact(&mut proof).await?;
        other_way.write_all(&proof).await?;
        Ok::<_, std::io::Error>((hello, proof))
    };
    let (dialled, written, heard) = tokio::join!(
        dial(&mut dialler, &me, to.server),
        relay,
        listen(&mut listener, &to)
    );
    let (hello, proof) = written.expect("both spoke");
    assert!(dialled.is_ok() && heard.is_ok());

    let (mut again, mut listener) = duplex(1 << 16);
    again.write_all(&hello).await.expect("room");
    again.write_all(&proof).await.expect("room");
    let refusal = listen(&mut listener, &to).await.expect_err("an old proof");
    assert!(refusal.to_string().contains("does not know"), "{refusal}");
}

#[tokio::test]
async fn a_program_that_answers_something_else_is_named_as_such() {
    let (mut near, mut far) = duplex(1 << 16);
    far.write_all(&[b'x'; 200]).await.expect("room");
    let refusal = dial(&mut near, &membership(1), membership(0).server).await;
    let refusal = refusal.expect_err("no link").to_string();
    assert!(refusal.contains("no server of a chat cluster"), "{refusal}");
    // And what is not a link hears nothing, after eight bytes.
    let (mut near, mut far) = duplex(1 << 16);
    near.write_all(b"GET / HT").await.expect("room");
    let refusal = listen(&mut far, &membership(0)).await.expect_err("no link");
    drop(far);
    assert!(refusal.to_string().contains("no server"), "{refusal}");
    let mut heard = Vec::new();
    near.read_to_end(&mut heard).await.expect("the end");
    assert!(heard.is_empty());
}
