import Client
import FluxJSON
import RFC39Signature
import Service

/// One submission as a client sent it, checked as far as that needs nobody else.
///
/// Source: order and texts observed: flux-core 0.88, job-ingest.submit.
struct SubmitRequest: Sendable {
    static let debugFlag: Int64 = 2
    static let waitableFlag: Int64 = 4
    static let noValidateFlag: Int64 = 8

    /// The signed jobspec as it came.
    let signed: String
    /// 0 … 31.
    let urgency: Int64
    let flags: Int64
    let userID: UInt32
    /// What was signed, with the environment.
    let jobspec: JSON

    /// - Parameters:
    ///   - fields: the members of the request.
    ///   - userID: who sent it.
    ///   - isOwner: whether the sender has the owner's credentials.
    init(_ fields: JSON.Object, userID: UInt32, isOwner: Bool) throws(ServiceError) {
        guard let signed = fields["J"]?.stringValue, let urgency = fields["urgency"]?.intValue,
            let flags = fields["flags"]?.intValue
        else { throw ServiceError(errnum: Errno.proto, text: "error decoding job request: Protocol error") }
        func refuse(_ errnum: Int32, _ text: String) -> ServiceError { ServiceError(errnum: errnum, text: text) }

        guard flags & ~(Self.debugFlag | Self.waitableFlag | Self.noValidateFlag) == 0 else {
            throw refuse(Errno.proto, "invalid job flags")
        }
        guard isOwner || flags & Self.noValidateFlag == 0 else {
            throw refuse(Errno.perm, "only the instance owner can submit with FLUX_JOB_NOVALIDATE")
        }
        guard (0...31).contains(urgency) else { throw refuse(Errno.invalid, "urgency range is [0:31]") }
        guard isOwner || urgency <= 16 else {
            throw refuse(Errno.invalid, "only the instance owner can submit with urgency >16")
        }
        guard isOwner || flags & Self.waitableFlag == 0 else {
            throw refuse(Errno.invalid, "only the instance owner can submit with FLUX_JOB_WAITABLE")
        }
        let payload: [UInt8], signer: UInt32
        do {
            (payload, signer) = try SignedPayload.unwrapNone(signed)
        } catch {
            throw refuse(Errno.invalid, "could not unwrap jobspec: Invalid argument")
        }
        guard signer == userID else { throw refuse(Errno.perm, "signer=\(signer) != requestor=\(userID)") }
        guard isOwner else { throw refuse(Errno.perm, "only instance owner can use sign-type=none") }
        do {
            jobspec = try JSON(parsing: payload)
        } catch {
            throw refuse(Errno.invalid, "jobspec: invalid JSON: \(error)")
        }
        self.signed = signed
        self.urgency = urgency
        self.flags = flags
        self.userID = userID
    }

    var skipsValidation: Bool { flags & Self.noValidateFlag != 0 }
}
