import FluxJSON
import RFC19FLUID

extension JobID {
    /// The id as messages carry it.
    var json: JSON { .int(Int64(bitPattern: value)) }

    init(json number: Int64) { self.init(UInt64(bitPattern: number)) }

    /// A key in the job's directory of the primary namespace.
    func key(_ name: String) -> String { "\(kvs).\(name)" }
}
