//! What gRPC has of its own: deadlines, streams, tokens in metadata, trailers, bounds of the transport, health.
