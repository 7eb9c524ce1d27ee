<#-- The libraries of the archive with their licences, as the libraries' own metadata have them, and the files
     below licenses/ that have the texts. The build fails on a library that is not under the Apache License 2.0
     alone and is not named here: add the text of its licence, and a line in licenses/README.md. -->
<#assign epl = ["epl-2.0-gpl-2.0-ce.md"]>
<#assign jersey = epl + ["jersey-NOTICE.md"]>
<#assign files = {
  "com.scalableminds:blosc-java": ["../pointwise.jar/blosc-java.txt", "../pointwise.jar/c-blosc.txt",
    "../pointwise.jar/bitshuffle.txt", "../pointwise.jar/fastlz.txt", "../pointwise.jar/lz4.txt",
    "../pointwise.jar/zlib.txt", "../pointwise.jar/zstd.txt", "../pointwise.jar/win32-pthreads.txt",
    "../pointwise.jar/mingw-w64-runtime.txt"],
  "net.sourceforge.f2j:arpack_combined_all": ["../pointwise.jar/arpack_combined_all.txt", "../pointwise.jar/arpack.txt",
    "../pointwise.jar/lapack.txt"],
  "dev.ludovic.netlib:blas": ["../pointwise.jar/netlib.txt", "../pointwise.jar/lapack.txt"],
  "dev.ludovic.netlib:lapack": ["../pointwise.jar/netlib.txt", "../pointwise.jar/lapack.txt"],
  "com.google.protobuf:protobuf-java": ["../pointwise.jar/protobuf.txt"],
  "io.airlift:aircompressor": ["aircompressor-NOTICE.md"],
  "org.glassfish.hk2.external:aopalliance-repackaged": epl,
  "org.apache.commons:commons-crypto": ["commons-crypto-NOTICE.txt"],
  "org.apache.commons:commons-math3": ["commons-math3.txt"],
  "org.apache.hadoop:hadoop-client-api": ["datatables.txt", "jquery.txt"],
  "org.apache.hadoop:hadoop-client-runtime": ["hadoop-client-runtime-NOTICE.txt", "cddl-1.0-gpl-2.0-ce.txt",
    "cddl-1.1-gpl-2.0-ce.txt", "checker-qual.txt", "dnsjava.txt", "edl-1.0.txt", "jline3.txt", "protobuf.txt",
    "re2j.txt", "stax2-api.txt"],
  "org.apache.ivy:ivy": ["ivy.txt"],
  "org.apache.parquet:parquet-column": ["parquet-NOTICE.txt"],
  "org.apache.parquet:parquet-common": ["parquet-NOTICE.txt"],
  "org.apache.parquet:parquet-encoding": ["parquet-NOTICE.txt"],
  "org.apache.parquet:parquet-format-structures": ["parquet-NOTICE.txt"],
  "org.apache.parquet:parquet-hadoop": ["parquet-NOTICE.txt"],
  "org.apache.parquet:parquet-jackson": ["parquet-NOTICE.txt", "fastdoubleparser.txt", "fastdoubleparser-NOTICE.txt",
    "fastdoubleparser-thirdparty.txt"],
  "org.apache.xbean:xbean-asm9-shaded": ["asm.txt"],
  "org.apache.zookeeper:zookeeper": ["zookeeper-NOTICE.txt"],
  "org.apache.zookeeper:zookeeper-jute": ["zookeeper-NOTICE.txt"],
  "org.checkerframework:checker-qual": ["checker-qual.txt"],
  "com.twitter:chill_2.13": ["chill-NOTICE.txt"],
  "com.twitter:chill-java": ["chill-NOTICE.txt"],
  "org.glassfish.hk2:hk2-api": epl,
  "org.glassfish.hk2:hk2-locator": epl,
  "org.glassfish.hk2:hk2-utils": epl,
  "org.glassfish.hk2:osgi-resource-locator": epl,
  "com.ibm.icu:icu4j": ["icu4j.txt"],
  "com.fasterxml.jackson.core:jackson-core": ["fastdoubleparser.txt", "fastdoubleparser-NOTICE.txt",
    "fastdoubleparser-thirdparty.txt"],
  "jakarta.annotation:jakarta.annotation-api": epl,
  "jakarta.servlet:jakarta.servlet-api": epl,
  "jakarta.ws.rs:jakarta.ws.rs-api": epl,
  "javax.annotation:javax.annotation-api": ["cddl-1.0-gpl-2.0-ce.txt"],
  "javax.servlet:javax.servlet-api": ["cddl-1.0-gpl-2.0-ce.txt"],
  "org.javassist:javassist": ["../../LICENSE"],
  "org.glassfish.jersey.containers:jersey-container-servlet": jersey,
  "org.glassfish.jersey.containers:jersey-container-servlet-core": jersey,
  "org.glassfish.jersey.core:jersey-client": jersey,
  "org.glassfish.jersey.core:jersey-common": jersey,
  "org.glassfish.jersey.core:jersey-server": jersey + ["asm.txt"],
  "org.glassfish.jersey.inject:jersey-hk2": jersey,
  "io.jsonwebtoken:jjwt-api": ["jjwt-NOTICE.md"],
  "io.jsonwebtoken:jjwt-impl": ["jjwt-NOTICE.md"],
  "io.jsonwebtoken:jjwt-jackson": ["jjwt-NOTICE.md"],
  "org.slf4j:jcl-over-slf4j": ["slf4j.txt"],
  "org.slf4j:jul-to-slf4j": ["slf4j.txt"],
  "org.slf4j:slf4j-api": ["slf4j.txt"],
  "org.locationtech.jts:jts-core": ["edl-1.0.txt"],
  "com.esotericsoftware:kryo-shaded": ["kryo.txt", "reflectasm.txt", "asm.txt"],
  "com.esotericsoftware:minlog": ["minlog.txt"],
  "org.fusesource.leveldbjni:leveldbjni-all": ["leveldbjni.txt", "leveldb.txt", "snappy.txt"],
  "org.lz4:lz4-java": ["lz4.txt"],
  "io.netty:netty-codec-base": ["netty-base64.txt"],
  "io.netty:netty-codec-compression": ["netty-jbzip2.txt", "netty-jfastlz.txt", "netty-libdivsufsort.txt"],
  "io.netty:netty-codec-http": ["netty-webbit.txt"],
  "io.netty:netty-codec-http2": ["netty-hyper-hpack.txt", "netty-nghttp2-hpack.txt"],
  "io.netty:netty-codec-protobuf": ["netty-protobuf.txt"],
  "io.netty:netty-common": ["netty-harmony-NOTICE.txt", "netty-jsr166y.txt", "netty-slf4j.txt"],
  "io.netty:netty-tcnative-boringssl-static": ["boringssl.txt"],
  "oro:oro": ["oro.txt"],
  "com.thoughtworks.paranamer:paranamer": ["paranamer.txt"],
  "net.razorvine:pickle": ["pickle.txt"],
  "net.sf.py4j:py4j": ["py4j.txt"],
  "org.scala-lang.modules:scala-parallel-collections_2.13": ["scala-parallel-collections-NOTICE.txt"],
  "org.scala-lang.modules:scala-xml_2.13": ["scala-xml-NOTICE.txt"],
  "org.xerial.snappy:snappy-java": ["snappy-java-NOTICE.txt", "snappy.txt", "bitshuffle.txt"],
  "org.apache.spark:spark-core_2.13": ["protobuf.txt", "bootstrap.txt", "d3.txt", "dagre-d3.txt", "datatables.txt",
    "graphlib-dot.txt", "jquery.txt", "mustache.txt", "sorttable.txt", "vis-timeline.txt"],
  "com.clearspring.analytics:stream": ["stream-NOTICE.txt"],
  "org.tukaani:xz": ["xz.txt"],
  "com.github.luben:zstd-jni": ["zstd-jni.txt", "zstd.txt"]
}>
<#list dependencyMap as e>
<#assign artifact = e.getKey()>
<#assign licenses = e.getValue()>
<#assign library = artifact.groupId + ":" + artifact.artifactId>
<#assign texts = files[library]![]>
<#if artifact.groupId == "io.netty">
<#assign texts = ["netty-NOTICE.txt"] + texts>
</#if>
<#if texts?size == 0>
<#list licenses as license>
<#if !license?matches(r"(The )?Apache( Software)?( License)?[-, ]*(([Vv]|[Vv]ersion) ?)?2(\.0)?")>
<#stop "licenses/ has no text of the licence \"" + license + "\" of " + library + ": add it, and name it in release/licenses.ftl">
</#if>
</#list>
</#if>
${library}:${artifact.version}: <#list licenses as license>${license}<#sep> or </#list><#if texts?size != 0> (<#list texts as text>${("lib/" + text)?replace("lib/../../", "../")?replace("lib/../", "")}<#sep>, </#list>)</#if>
</#list>
