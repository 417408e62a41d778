// SPDX-License-Identifier: Apache-2.0
// Nimbus JOSE+JWT with a remote key set: URL as argument, JWT on stdin.
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import java.net.URI;
import java.nio.charset.StandardCharsets;

public class Verify {
    // Half a second by default: too short for a slow machine.
    private static final int LIMIT_MS = 60_000;

    public static void main(String[] args) throws Exception {
        String jwt = new String(System.in.readAllBytes(),
            StandardCharsets.US_ASCII).trim();
        JWKSource<SecurityContext> keys = JWKSourceBuilder
            .create(URI.create(args[0]).toURL(),
                new DefaultResourceRetriever(LIMIT_MS, LIMIT_MS))
            .build();
        DefaultJWTProcessor<SecurityContext> processor =
            new DefaultJWTProcessor<>();
        processor.setJWSKeySelector(
            new JWSVerificationKeySelector<>(JWSAlgorithm.RS256, keys));
        System.out.println(processor.process(jwt, null));
    }
}
