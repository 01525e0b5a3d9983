internal import CYAML

/// One step of a YAML document, with the place where it starts.
struct Event {
    enum Kind {
        case streamEnd, documentStart, documentEnd, sequenceEnd, mappingEnd
        case alias(String)
        case scalar(Scalar)
        case sequenceStart(anchor: String?, tag: String?)
        case mappingStart(anchor: String?, tag: String?)
    }

    struct Scalar {
        let value: String
        let anchor: String?
        let tag: String?
        /// Whether the type follows from the text, because there is neither a tag nor a quote.
        let isImplicit: Bool
    }

    struct Place {
        let line: Int, column: Int

        func error(_ reason: YAML.ParseError.Reason) -> YAML.ParseError {
            YAML.ParseError(reason: reason, line: line, column: column)
        }
    }

    let kind: Kind
    let place: Place
}

/// A libyaml parser over bytes that outlive it. It frees itself.
struct EventSource: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private var gaps: GapCheck

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        parser = .allocate(capacity: 1)
        guard yaml_parser_initialize(parser) == 1 else { preconditionFailure("libyaml: out of memory") }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        // libyaml wants an address even for no bytes; it does not read there.
        let address = bytes.baseAddress ?? UnsafePointer(bitPattern: 1)
        yaml_parser_set_input_string(parser, address, bytes.count)
        gaps = GapCheck(bytes)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    /// The next step; after ``Event/Kind/streamEnd`` there is none.
    mutating func next() throws(YAML.ParseError) -> Event {
        while true {
            var raw = yaml_event_t()
            guard yaml_parser_parse(parser, &raw) == 1 else { throw problem }
            defer { yaml_event_delete(&raw) }
            let place = Event.Place(line: raw.start_mark.line + 1, column: raw.start_mark.column + 1)
            let isPlain = raw.type == YAML_SCALAR_EVENT && raw.data.scalar.style == YAML_PLAIN_SCALAR_STYLE
            guard gaps.accepts(from: raw.start_mark.index, to: raw.end_mark.index, isPlain: isPlain) else {
                throw place.error(.tabBetweenTokens)
            }
            if let kind = Self.kind(of: raw) { return Event(kind: kind, place: place) }
        }
    }

    private var problem: YAML.ParseError {
        let text = parser.pointee.problem.map { String(cString: $0) } ?? "out of memory"
        let mark = parser.pointee.problem_mark
        return YAML.ParseError(reason: .syntax(text), line: mark.line + 1, column: mark.column + 1)
    }

    /// The step in a form that owns its memory; nil for the start of the stream.
    private static func kind(of raw: yaml_event_t) -> Event.Kind? {
        switch raw.type {
        case YAML_STREAM_END_EVENT: return .streamEnd
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
        case YAML_MAPPING_END_EVENT: return .mappingEnd
        case YAML_ALIAS_EVENT: return .alias(text(raw.data.alias.anchor) ?? "")
        case YAML_SEQUENCE_START_EVENT:
            let start = raw.data.sequence_start
            return .sequenceStart(anchor: text(start.anchor), tag: text(start.tag))
        case YAML_MAPPING_START_EVENT:
            let start = raw.data.mapping_start
            return .mappingStart(anchor: text(start.anchor), tag: text(start.tag))
        case YAML_SCALAR_EVENT:
            let scalar = raw.data.scalar
            let value = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let isImplicit = scalar.plain_implicit == 1
            return .scalar(
                Event.Scalar(
                    value: String(decoding: value, as: UTF8.self), anchor: text(scalar.anchor),
                    tag: isImplicit ? nil : text(scalar.tag), isImplicit: isImplicit))
        default: return nil
        }
    }

    private static func text(_ pointer: UnsafeMutablePointer<UInt8>?) -> String? {
        pointer.map { String(cString: $0) }
    }
}
