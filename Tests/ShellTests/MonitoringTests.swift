import FluxJSON
import Testing

@testable import Shell

@Suite("sysmon")
struct MonitoringTests {
    @Test("the group of the unified hierarchy is found, also from within a container")
    func group() {
        let list = "9:name=systemd:/a\n4:memory:/b\n0::/../../c/d\n"
        // Any folder with such a file will do as a root.
        guard let group = ControlGroup(list: list) else { return }
        #expect(group.path.hasSuffix("/c/d"))
        #expect(ControlGroup(list: list, roots: ["/nonexistent"]) == nil)
        #expect(ControlGroup(list: "9:name=systemd:/a\n") == nil)
    }

    @Test("the period is seconds or a duration, and nothing else is an option")
    func period() throws {
        #expect(try SystemMonitor.period(1) == nil)
        #expect(try SystemMonitor.period(["period": "100ms"]) == 0.1)
        #expect(try SystemMonitor.period(["period": 30]) == 30)
        #expect(throws: ShellExit.self) { try SystemMonitor.period(["period": "nonfsd"]) }
        #expect(throws: ShellExit.self) { try SystemMonitor.period(["badopt": 1]) }
    }

    @Test("sizes have units")
    func sizes() {
        #expect(SystemMonitor.size(0) == "0" && SystemMonitor.size(1023) == "1023")
        #expect(SystemMonitor.size(4096) == "4K" && SystemMonitor.size(1_572_864) == "1.50M")
    }
}
