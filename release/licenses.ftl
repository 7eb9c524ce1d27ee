<#-- The libraries of the archive with their licences, as the libraries' own metadata have them. -->
<#list dependencyMap as e>
<#assign artifact = e.getKey()/>
<#assign licenses = e.getValue()/>
${artifact.groupId}:${artifact.artifactId}:${artifact.version}: <#list licenses as license>${license}<#sep> or </#sep></#list>
</#list>
