public import FluxJSON

extension JSON.Object {
    /// Applies new annotations to those of a job.
    ///
    /// Dictionaries are merged, other values replace what is there, and null removes it. A dictionary that becomes empty
    /// is removed.
    ///
    /// - Source: RFC 27, "Alloc Annotate"; removing empty dictionaries is what flux-core does.
    public mutating func annotate(_ new: JSON.Object) {
        for (key, value) in new {
            switch value {
            case .null: self[key] = nil
            case .object(let part):
                var merged = self[key]?.objectValue ?? [:]
                merged.annotate(part)
                self[key] = merged.isEmpty ? nil : .object(merged)
            default: self[key] = value
            }
        }
    }
}
