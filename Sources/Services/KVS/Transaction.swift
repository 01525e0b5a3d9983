package import FluxJSON

/// What one `kvs.commit` asks for.
package struct Transaction: Hashable, Sendable {
    package struct Flags: OptionSet, Hashable, Sendable {
        package let rawValue: Int64
        package init(rawValue: Int64) { self.rawValue = rawValue }

        /// Not to be merged with others: each of its changes has a root version of its own.
        package static let noMerge = Flags(rawValue: 1)
        /// Answered only when the new root is in the checkpoint.
        package static let sync = Flags(rawValue: 4)
        /// Nobody waits for it: under load it may wait for others, to be merged with them. Ours only.
        package static let patient = Flags(rawValue: 0x1_0000)
    }

    /// Unique in the instance: `transaction_req.<rank>.<n>`.
    package let name: String
    package var flags: Flags
    package let operations: [Operation]
    /// The operations could not be read: the errno of the answer.
    package let failure: Int32?

    package init(name: String, flags: Flags, operations: [Operation]) {
        self.name = name
        self.flags = flags
        self.operations = operations
        failure = nil
    }

    /// Reads the operations; what cannot be read makes a transaction that fails with EPROTO.
    package init(name: String, flags: Int64, ops: [JSON]) {
        self.name = name
        self.flags = Flags(rawValue: flags)
        do throws(PayloadError) {
            var operations: [Operation] = []
            operations.reserveCapacity(ops.count)
            for json in ops { operations.append(try Operation(json: json)) }
            self.operations = operations
            failure = nil
        } catch {
            operations = []
            failure = ErrorNumber.proto
        }
    }

    var isPatient: Bool { flags.contains(.patient) && isMergeable }
    var isMergeable: Bool { flags.isDisjoint(with: [.noMerge, .sync]) }
}

/// The errnos of the answers of this service's values (Linux numbers).
enum ErrorNumber {
    static let perm: Int32 = 1
    static let noEntry: Int32 = 2
    static let notDirectory: Int32 = 20
    static let isDirectory: Int32 = 21
    static let invalid: Int32 = 22
    static let tooLarge: Int32 = 27
    static let loop: Int32 = 40
    static let proto: Int32 = 71
    static let overflow: Int32 = 75
    static let notSupported: Int32 = 95
    static let notRecoverable: Int32 = 131
}
