public import FluxJSON
public import RFC18Eventlog

extension JobEvent {
    /// Reads an entry of a log.
    public init(_ entry: Eventlog.Entry) throws(PayloadError) {
        try self.init(name: entry.name, context: entry.context)
    }

    /// The entry to log.
    ///
    /// - Parameter timestamp: seconds since 1970-01-01 UTC.
    public func entry(at timestamp: Double) -> Eventlog.Entry {
        Eventlog.Entry(timestamp: timestamp, name: name, context: context)
    }
}

extension JobMachine {
    /// Applies an entry of the job's eventlog.
    public mutating func apply(_ entry: Eventlog.Entry) throws(EventError) {
        try apply(name: entry.name, context: entry.context, at: entry.timestamp)
    }
}
