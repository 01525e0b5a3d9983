import FluxJSON
import RFC20R
import RFC22Idset
import RFC31Constraint
import Testing

@Suite("Resource pool")
struct ResourcePoolTests {
    /// `count` nodes with the same resources.
    static func cluster(_ count: Int, cores: Int = 4, gpus: Int = 0, properties: JSON = [:]) throws -> ResourceSet {
        func ids(_ count: Int) -> JSON { .string(Idset(0..<UInt32(count)).description) }
        var children: JSON.Object = ["core": ids(cores)]
        if gpus > 0 { children["gpu"] = ids(gpus) }
        return try ResourceSet(json: [
            "version": 1,
            "execution": [
                "R_lite": [["rank": ids(count), "children": .object(children)]],
                "nodelist": [.string("n[0-\(count - 1)]")], "properties": properties,
            ],
        ])
    }

    static func slots(_ count: Int, cores: Int = 1, gpus: Int = 0) -> ResourceRequest {
        ResourceRequest(slotCount: .init(count), slotSize: cores, gpusPerSlot: gpus)
    }

    static func nodes(_ count: Int, slots: Int = 1, cores: Int = 1, isExclusive: Bool = false) -> ResourceRequest {
        ResourceRequest(
            nodeCount: .init(count), slotCount: .init(slots), slotSize: cores, isExclusive: isExclusive)
    }

    @Test("nodes with the most free cores come first, then the lowest rank")
    func worstFit() throws {
        var pool = ResourcePool(try Self.cluster(3))
        #expect(try pool.allocate(job: 1, Self.slots(1), now: 10).description == "rank0/core0")
        #expect(try pool.allocate(job: 2, Self.slots(1), now: 10).description == "rank1/core0")
        #expect(try pool.allocate(job: 3, Self.slots(6), now: 10).description == "rank0/core[1-2] rank2/core[0-3]")
        pool.free(job: 1)
        #expect(throws: AllocationError.insufficient) { try pool.allocate(job: 4, Self.slots(6), now: 10) }
        pool.free(job: 3)
        let set = try pool.allocate(job: 4, Self.nodes(1, slots: 2, cores: 2), now: 10)
        #expect(set.description == "rank0/core[0-3]")
        #expect(set.nslots == 2)
        #expect(set.starttime == 10 && set.expiration == 0)
        #expect(throws: AllocationError.insufficient) { try pool.allocate(job: 5, Self.nodes(2, cores: 4), now: 10) }
    }

    @Test("exclusive jobs get whole nodes, busy nodes are left out")
    func exclusive() throws {
        var pool = ResourcePool(try Self.cluster(3, gpus: 2))
        _ = try pool.allocate(job: 1, Self.slots(1), now: 0)
        let set = try pool.allocate(job: 2, Self.nodes(2, isExclusive: true), now: 0)
        #expect(set.description == "rank[1-2]/core[0-3],gpu[0-1]")
        #expect(throws: AllocationError.insufficient) {
            try pool.allocate(job: 3, Self.nodes(1, isExclusive: true), now: 0)
        }
        pool.free(job: 1)
        #expect(try pool.allocate(job: 3, Self.nodes(1, isExclusive: true), now: 0).ranks == [0])
    }

    @Test("what can never be had is refused with the reason")
    func infeasible() throws {
        var pool = ResourcePool(try Self.cluster(2, gpus: 1))
        func reason(_ request: ResourceRequest) -> String? {
            do throws(AllocationError) {
                _ = try pool.allocate(job: 1, request, now: 0)
                return nil
            } catch {
                return error.description
            }
        }
        #expect(
            reason(Self.nodes(10, isExclusive: true))
                == "unsatisfiable request: need 10 exclusive node(s), only 2 eligible")
        #expect(
            reason(ResourceRequest(nodeCount: .init(2), slotCount: .init(1), slotSize: 4, gpusPerSlot: 2))
                == "unsatisfiable request: need 2 node(s) with 4 cores and 2 GPUs each, only 0 eligible")
        #expect(
            reason(Self.slots(3, cores: 3))
                == "unsatisfiable request: need 3 slot(s) of 3 core(s), only 2 such slot(s) available (total cores: 8)")
        #expect(
            reason(Self.slots(3, cores: 1, gpus: 1))
                == "unsatisfiable request: need 3 slot(s) with 1 GPU(s) each, only 2 available (total GPUs: 2)")
        #expect(reason(Self.slots(.max, cores: .max))?.hasPrefix("unsatisfiable") == true)
    }

    @Test("down nodes are not used, and count when it is asked what is possible")
    func down() throws {
        var pool = ResourcePool(try Self.cluster(2))
        pool.markDown([0, 7])
        #expect(try pool.allocate(job: 1, Self.slots(4), now: 0).ranks == [1])
        #expect(throws: AllocationError.insufficient) { try pool.allocate(job: 2, Self.slots(8), now: 0) }
        #expect(pool.down.ranks == [0])
        pool.markUp([0])
        #expect(try pool.allocate(job: 2, Self.slots(4), now: 0).ranks == [0])
        pool.markDown([1])
        pool.free(job: 1)
        #expect(throws: AllocationError.insufficient) { try pool.allocate(job: 3, Self.slots(1), now: 0) }
        pool.remove(ranks: [1])
        pool.free(job: 2)
        #expect(pool.resources.ranks == [0])
        #expect(try pool.allocate(job: 3, Self.slots(4), now: 0).ranks == [0])
    }

    @Test("constraints choose nodes; properties of the instance stay behind")
    func constraint() throws {
        var pool = ResourcePool(try Self.cluster(4, properties: ["ssd": "1-2", "+queue": "0-3"]))
        let ssd = try Constraint(json: ["properties": ["ssd"]])
        let set = try pool.allocate(
            job: 1, ResourceRequest(nodeCount: .init(1, nil), slotCount: .init(1), constraint: ssd), now: 0)
        #expect(set.ranks == [1, 2])
        #expect(set.properties == ["ssd": [1, 2]])
        try pool.setProperty("ssd", ranks: [3])
        #expect(try pool.allocate(job: 2, ResourceRequest(slotSize: 4, constraint: ssd), now: 0).ranks == [3])
    }

    @Test("resources come back in parts, each rank whole")
    func partialFree() throws {
        var pool = ResourcePool(try Self.cluster(3))
        let set = try pool.allocate(job: 1, Self.nodes(3, isExclusive: true), now: 0)
        try pool.free(job: 1, set.select(ranks: [1]), isFinal: false)
        #expect(pool.allocated.description == "rank[0,2]/core[0-3]")
        #expect(throws: PoolError.notAllocated([1])) { try pool.free(job: 1, set, isFinal: true) }
        #expect(throws: PoolError.self) { try pool.free(job: 1, set.select(ranks: [0]), isFinal: true) }
        try pool.free(job: 1, set.select(ranks: [0, 2]), isFinal: true)
        #expect(pool.allocated.isEmpty && pool.jobCount == 0)
    }

    @Test("allocations of a former scheduler are noted")
    func register() throws {
        var pool = ResourcePool(try Self.cluster(2))
        var other = ResourcePool(try Self.cluster(3))
        #expect(throws: PoolError.unknownRanks([2])) {
            try pool.register(job: 1, other.allocate(job: 1, Self.nodes(3), now: 0))
        }
        try pool.register(job: 2, try Self.cluster(1))
        #expect(try pool.allocate(job: 3, Self.slots(4), now: 0).ranks == [1])
        pool.setEndTime(50, ofJob: 2)
        #expect(pool.nextEnd(after: 0) == 50)
        var future = pool
        future.free(endingBy: 50)
        #expect(try future.allocate(job: 4, Self.slots(4), now: 50).ranks == [0])
        #expect(pool.jobCount == 2)
    }

    @Test("a job takes the same time in a large cluster with many jobs")
    func scale() throws {
        var pool = ResourcePool(try Self.cluster(10_000, cores: 64))
        let start = ContinuousClock.now
        for job in 0..<20_000 { _ = try pool.allocate(job: UInt64(job), Self.slots(1, cores: 8), now: 0) }
        for job in 0..<20_000 { pool.free(job: UInt64(job)) }
        let set = try pool.allocate(job: 1, Self.nodes(10_000, isExclusive: true), now: 0)
        #expect(set.description == "rank[0-9999]/core[0-63]")
        print("40,000 operations and one large job:", ContinuousClock.now - start)
    }

    @Test("needs of a job are read from its jobspec")
    func jobspec() throws {
        func request(_ resources: JSON, system: JSON = ["duration": 0]) throws -> ResourceRequest {
            try ResourceRequest(jobspec: ["version": 1, "resources": resources, "attributes": ["system": system]])
        }
        let core: JSON = ["type": "core", "count": 2]
        let slot: JSON = ["type": "slot", "count": "2-4", "with": [core, ["type": "gpu", "count": 1]]]
        let plain = try request([slot], system: ["duration": 1.5, "constraints": ["ranks": ["0"]]])
        #expect(plain.nodeCount == nil && plain.slotCount == .init(2, 4))
        #expect(plain.slotSize == 2 && plain.gpusPerSlot == 1 && plain.duration == 1.5)
        #expect(plain.constraint == .ranks([0]))
        let nodes = try request([["type": "node", "count": ["min": 3], "exclusive": true, "with": [slot]]])
        #expect(nodes.nodeCount == .init(3, nil) && nodes.minimumSlots == 6 && nodes.isExclusive)

        func error(_ resources: JSON, system: JSON = ["duration": 0]) -> String? {
            #expect(throws: ResourceRequest.ParseError.self) { try request(resources, system: system) }?.description
        }
        #expect(error([]) == "jobspec has no resources")
        #expect(error([core]) == "Unable to determine slot count")
        #expect(error([["type": "slot", "count": 1]]) == "Unable to determine slot size")
        #expect(error([["type": "slot", "count": 0]]) == "RFC 14 count: integer count must be >= 1, got 0")
        #expect(error([slot], system: [:]) == "getting duration: Object item not found: duration")
        #expect(error([slot], system: ["duration": 0, "constraints": ["x": 1]]) == "unknown constraint operator: x")
    }
}
