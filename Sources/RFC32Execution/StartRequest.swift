public import FluxJSON

/// `job-manager.exec-hello`: an execution service tells its name.
public struct ExecHello: Payload, Hashable {
    /// Name of the service.
    public var service: String

    public init(service: String) { self.service = service }

    public init(json: JSON) throws(PayloadError) { service = try json.requireObject().string("service") }

    public var json: JSON { ["service": .string(service)] }
}

/// `<service>.start`: start the shells of a job, or find those that run already.
public struct StartRequest: Payload, Hashable {
    /// Which job.
    public var id: UInt64
    /// Who submitted it.
    public var userID: Int64
    /// Without environment.
    public var jobspec: JSON
    /// R: where the shells run.
    public var resources: JSON
    /// The shells were started by an earlier instance of the service.
    public var reattach: Bool

    public init(id: UInt64, userID: Int64, jobspec: JSON, resources: JSON, reattach: Bool) {
        self.id = id
        self.userID = userID
        self.jobspec = jobspec
        self.resources = resources
        self.reattach = reattach
    }

    public init(json: JSON) throws(PayloadError) {
        let fields = try json.requireObject()
        id = UInt64(bitPattern: try fields.int("id"))
        userID = try fields.int("userid")
        jobspec = try fields.value("jobspec")
        resources = try fields.value("R")
        reattach = try fields.bool("reattach")
    }

    public var json: JSON {
        [
            "id": .int(Int64(bitPattern: id)), "userid": .int(userID), "jobspec": jobspec,
            "reattach": .bool(reattach), "R": resources,
        ]
    }
}

/// `<service>.expiration` and `sched.expiration`: the job may run longer or shorter than it was told.
public struct ExpirationRequest: Payload, Hashable {
    /// Which job.
    public var id: UInt64
    /// Seconds since 1970-01-01 UTC; 0 for no end.
    public var expiration: Double

    public init(id: UInt64, expiration: Double) {
        self.id = id
        self.expiration = expiration
    }

    public init(json: JSON) throws(PayloadError) {
        let fields = try json.requireObject()
        id = UInt64(bitPattern: try fields.int("id"))
        expiration = try fields.number("expiration")
    }

    public var json: JSON { ["id": .int(Int64(bitPattern: id)), "expiration": .real(expiration)] }
}
