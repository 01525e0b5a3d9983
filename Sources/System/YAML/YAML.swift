public import FluxJSON

/// YAML documents, read by libyaml into JSON values.
///
/// ```swift
/// try YAML.parse("a: [1, yes, 0x1f]").text   // {"a":[1,true,31]}
/// ```
public enum YAML {
    /// Deepest nesting of sequences and mappings that is read.
    public static let depthLimit = 512

    /// Most values that aliases may add to a document, counting what the aliased values contain.
    public static let aliasLimit = 1_000_000

    /// Reads the one document of a text.
    ///
    /// Plain scalars are of the YAML 1.1 core types, merge keys are carried out, keys become text, and an empty text
    /// is null. When a key occurs twice the last value stays.
    /// - Throws: ``ParseError`` with the line and column of the problem. What JSON cannot write is an error too:
    ///   infinities, integers beyond 64 bits, dates, binary values, sets.
    /// - Source: YAML 1.1; scalar types and merge keys as PyYAML's `safe_load` reads them, which is what the
    ///   reference uses.
    public static func parse(_ text: String) throws(ParseError) -> JSON {
        var text = text
        var outcome: Result<JSON, ParseError> = .success(.null)
        text.withUTF8 { bytes in
            do throws(ParseError) {
                var composer = Composer(events: EventSource(bytes))
                outcome = .success(try composer.document())
            } catch {
                outcome = .failure(error)
            }
        }
        return try outcome.get()
    }
}
