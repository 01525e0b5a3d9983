internal import RFC24IO

/// The most recent output of a waitable process, for the answer to `wait`.
///
/// Source: observed: flux-core 0.88 keeps 8 KiB, drops whole pieces, and keeps one piece of any size.
struct OutputTail {
    static let limit = 8192
    private(set) var pieces: [IOData] = []
    private var byteCount = 0

    mutating func append(_ piece: IOData) {
        pieces.append(piece)
        byteCount += piece.bytes?.count ?? 0
        while byteCount > Self.limit, pieces.count > 1 {
            byteCount -= pieces.removeFirst().bytes?.count ?? 0
        }
    }
}
