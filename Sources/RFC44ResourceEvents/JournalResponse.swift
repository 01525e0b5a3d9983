public import FluxJSON
public import RFC18Eventlog

/// One message of `resource.journal`: events, or the mark between those of the past and those to come.
///
/// The request has no payload and asks for a stream.
public struct JournalResponse: Payload, Hashable {
    /// The events; empty for the mark.
    public var events: [Eventlog.Entry]
    /// RFC 20 *R*, present when the events include `resource-define`.
    public var r: JSON?

    /// A response.
    public init(events: [Eventlog.Entry], r: JSON? = nil) {
        self.events = events
        self.r = r
    }

    /// The message after the last event of the past.
    public static let sentinel = JournalResponse(events: [])

    /// Whether this is the mark between past and future.
    public var isSentinel: Bool { events.isEmpty }

    /// Reads `{"events", "R"?}`.
    public init(json: JSON) throws(PayloadError) {
        let object = try json.requireObject()
        events = try object.payloads("events")
        r = object["R"]
    }

    /// The payload.
    public var json: JSON {
        var object: JSON.Object = ["events": .array(events.map(\.json))]
        object["R"] = r
        return .object(object)
    }
}
