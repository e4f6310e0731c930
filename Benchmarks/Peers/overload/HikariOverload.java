import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLTransientConnectionException;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/** Callers who come at given moments to HikariCP, each on a thread. Prints "name figure" lines; see run. */
public final class HikariOverload {
    static final long PATIENCE = 1_000_000_000L, WARM_UP = 1_000_000_000L, SECONDS = 6;

    static void call(HikariDataSource source) throws Exception {
        try (Connection connection = source.getConnection();
                PreparedStatement statement = connection.prepareStatement("SELECT pg_sleep(0.01)")) {
            statement.executeQuery().close();
        }
    }

    public static void main(String[] arguments) throws Exception {
        URI address = new URI(arguments[0]);
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:postgresql://" + address.getHost() + ":" + address.getPort() + address.getPath());
        String[] account = address.getUserInfo().split(":", 2);
        config.setUsername(account[0]);
        if (account.length > 1) config.setPassword(account[1]);
        config.setMaximumPoolSize(10);
        config.setMinimumIdle(10);
        config.setConnectionTimeout(PATIENCE / 1_000_000);
        List<String> arrivals = Files.readAllLines(Path.of(arguments[1]));
        ConcurrentLinkedQueue<Long> times = new ConcurrentLinkedQueue<>();
        AtomicReference<Exception> failure = new AtomicReference<>();
        ExecutorService threads = Executors.newCachedThreadPool();
        try (HikariDataSource source = new HikariDataSource(config)) {
            // The compiler and the statement caches are warm before the first caller comes.
            for (int i = 0; i < 500; i++) threads.execute(() -> attempt(source, failure));
            threads.shutdown();
            threads.awaitTermination(60, TimeUnit.SECONDS);
            threads = Executors.newCachedThreadPool();
            long start = System.nanoTime();
            for (String line : arrivals) {
                long arrival = Long.parseLong(line);
                for (long pause; (pause = start + arrival - System.nanoTime()) > 0;) LockSupport.parkNanos(pause);
                threads.execute(() -> {
                    if (!attempt(source, failure)) return;
                    if (arrival >= WARM_UP) times.add(System.nanoTime() - start - arrival);
                });
            }
            threads.shutdown();
            threads.awaitTermination(60, TimeUnit.SECONDS);
        }
        if (failure.get() != null) throw failure.get();
        long[] sorted = times.stream().mapToLong(Long::longValue).sorted().toArray();
        long inTime = java.util.Arrays.stream(sorted).filter(took -> took <= PATIENCE).count();
        System.out.println("HikariCP-goodput " + inTime / (SECONDS - WARM_UP / 1e9));
        System.out.println("HikariCP-p99 "
            + (sorted.length == 0 ? 0 : sorted[Math.min(sorted.length - 1, sorted.length * 99 / 100)] / 1e6));
    }

    /** Whether the caller was answered; a timeout is no answer, and anything else a failure of the run. */
    private static boolean attempt(HikariDataSource source, AtomicReference<Exception> failure) {
        try {
            call(source);
            return true;
        } catch (SQLTransientConnectionException timeout) {
            return false;
        } catch (Exception error) {
            failure.compareAndSet(null, error);
            return false;
        }
    }
}
