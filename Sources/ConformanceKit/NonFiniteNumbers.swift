/// Some vector files hold the numbers that JSON cannot write as bare words, as Python's writer prints them. They
/// become the texts that the vectors' README names.
///
/// - Returns: the bytes with `Infinity`, `-Infinity` and `NaN` outside strings replaced by `"inf"`, `"-inf"`, `"nan"`.
func replacingNonFiniteNumbers(_ bytes: [UInt8]) -> [UInt8] {
    let words: [(word: [UInt8], text: [UInt8])] = [
        (Array("Infinity".utf8), Array("\"inf\"".utf8)),
        (Array("-Infinity".utf8), Array("\"-inf\"".utf8)),
        (Array("NaN".utf8), Array("\"nan\"".utf8)),
    ]
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var isString = false
    var index = 0
    while index < bytes.count {
        let byte = bytes[index]
        if byte == UInt8(ascii: "\"") {
            isString.toggle()
        } else if isString, byte == UInt8(ascii: "\\"), index + 1 < bytes.count {
            result.append(byte)
            index += 1
        } else if !isString, "I-N".utf8.contains(byte),
            let known = words.first(where: { bytes[index...].starts(with: $0.word) })
        {
            result.append(contentsOf: known.text)
            index += known.word.count
            continue
        }
        result.append(bytes[index])
        index += 1
    }
    return result
}
