internal import RFC19FLUID

/// A job id in any of its encodings, as the number that payloads carry.
struct JobNumber {
    let value: Int64

    init?(_ text: String) {
        guard let id = JobID(text) else { return nil }
        value = Int64(bitPattern: id.value)
    }
}
