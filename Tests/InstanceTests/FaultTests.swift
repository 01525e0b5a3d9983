import Glibc
import Testing

extension InstanceTests {
    @Test("a follower that is killed is lost; the others live on")
    func followerKilled() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 4))
            let victim = try #require(instance.broker(2))
            kill(victim, SIGKILL)
            let isSeen = eventually { instance.flux("overlay", "status").output.contains("lost") }
            #expect(isSeen, "overlay status shows the loss")
            #expect(instance.flux("ping", "--count=1", "1").status == 0)
            #expect(instance.flux("ping", "--count=1", "3").status == 0)
            let lost = instance.flux("ping", "--count=1", "2", within: 20)
            #expect(!lost.isTimeout && lost.status != 0)
            #expect(lost.output + lost.errors != "")
            let outcome = instance.end(within: 60)
            #expect(!outcome.isTimeout)
        }
    }

    @Test("when the leader is killed everything below it ends")
    func leaderKilled() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 3))
            kill(try #require(instance.broker(0)), SIGKILL)
            let outcome = instance.wait(within: 30)
            #expect(!outcome.isTimeout)
            #expect(outcome.status != 0)
            #expect(eventually { place.processes.isEmpty })
        }
    }

    @Test("a router that is killed takes its branch along, the rest lives")
    func routerKilled() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 7, options: ["-Stbon.topo=kary:2"]))
            let below = [3, 4].compactMap { instance.broker($0) }
            kill(try #require(instance.broker(1)), SIGKILL)
            #expect(eventually(within: 30) { below.allSatisfy { kill($0, 0) != 0 } }, "brokers 3 and 4 end")
            #expect(instance.flux("ping", "--count=1", "5").status == 0)
            #expect(!instance.end().isTimeout)
        }
    }
}
