/// How complete the tree below a broker is. The numbers are on the wire of hello and control messages.
///
/// Source: broker-protocol 3.6 (observed: flux-core 0.88).
package enum SubtreeStatus: UInt32, Hashable, Sendable, CaseIterable {
    case unknown, full, partial, degraded, lost, offline

    package var isOnline: Bool { self == .full || self == .partial || self == .degraded }
    package var name: String { "\(self)" }

    /// The status of a broker with these children.
    package static func combined(_ children: some Sequence<SubtreeStatus>) -> SubtreeStatus {
        var result = SubtreeStatus.full
        for child in children {
            switch child {
            case .degraded, .lost: return .degraded
            case .partial, .offline, .unknown: result = .partial
            case .full: break
            }
        }
        return result
    }
}
